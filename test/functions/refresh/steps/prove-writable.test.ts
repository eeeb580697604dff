import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { RefreshTokenVersion } from '../../../../functions/refresh/ports/stores.ts';
import type { Grant, RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import { RefreshFailed } from '../../../../functions/refresh/rules/classify-failure.ts';
import { proveWritable } from '../../../../functions/refresh/steps/prove-writable.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { clientCredentials, grantOf, OWN, runOf, v1 } from '../run-of.ts';
import { DAY, HOUR, NOW, SECOND } from '../state-of.ts';

const SPEND_MS = 75 * SECOND;
let world: RefreshWorld;
let refreshToken: RefreshTokenVersion;

/** Stores a refresh token as `v1`, and reads it. */
async function store(token: Secret): Promise<RefreshTokenVersion> {
  world.secrets.put('refresh-tokens/crm', JSON.stringify({ refresh_token: token.reveal() }), 'v1');
  const read = await world.ports().refreshTokens.read('crm', { versionId: 'v1' });
  if (read === undefined) throw new Error('nothing was stored');
  world.calls.length = 0;
  return read;
}

beforeEach(async () => {
  world = new RefreshWorld();
  refreshToken = await store(v1().value.refresh_token);
});

const spending = (changes: Partial<Grant> = {}) => grantOf(world, { refreshToken, ...changes });

const made = () => world.calls.map(({ port, method }) => `${port}.${method}`);

/** Why nothing may be spent, as it is judged. */
async function failureOf(run: RefreshRun, grant: Grant = spending()) {
  const error = await proveWritable(run, grant).catch((thrown: unknown) => thrown);
  if (!(error instanceof RefreshFailed)) throw error ?? new Error('nothing was refused');
  assertNoCanary(JSON.stringify(error.failure), 'a failure');
  return error.failure;
}

describe('the proof that a successor can be stored', () => {
  it('comes last, after the turn, creates no version, and hands the turn on', async () => {
    const run = runOf(world);
    const proven = await proveWritable(run, spending());
    expect(proven).toEqual({ turn: { takenAt: NOW }, members: 1 });
    expect(made()).toEqual(['refreshTokens.turn', 'refreshTokens.prove']);
    expect(world.calls.map(({ signal }) => signal)).toEqual([run.lease.signal, run.lease.signal]);
    expect(world.secrets.versions('refresh-tokens/crm')).toHaveLength(1);
  });

  it('uses the turn that was had, which counts for both writes', async () => {
    const run = runOf(world);
    const asked: unknown[] = [];
    const refreshTokens = {
      ...run.ports.refreshTokens,
      turn: async (writes: number) => {
        asked.push(writes);
        return { takenAt: NOW - 7 };
      },
      prove: async (...[name, , options]: Parameters<typeof run.ports.refreshTokens.prove>) => {
        asked.push(name, options);
        return ['AWSCURRENT'];
      },
    };
    await proveWritable({ ...run, ports: { ...run.ports, refreshTokens } }, spending());
    expect(asked).toEqual([
      2,
      'crm',
      { signal: run.lease.signal, turn: { takenAt: NOW - 7 }, successor: OWN },
    ]);
  });

  it.each<[string, () => Grant]>([
    ['without a refresh token', () => clientCredentials(world)],
    ['whose refresh token never rotates', () => spending({ spends: false })],
  ])('is needless for a grant %s', async (_, grant) => {
    expect(await proveWritable(runOf(world), grant())).toBeUndefined();
    expect(made()).toEqual([]);
  });

  it('writes the send down where the lease has not', async () => {
    const run = runOf(world, { state: { refreshTokenVersionId: 'v0' } });
    await proveWritable(run, spending());
    expect(made()[0]).toBe('state.openAttempt');
    expect(() => run.ledger.sending('v1', NOW)).not.toThrow();
  });

  it('waits for no answer about where the grant goes: that is known before', async () => {
    const issuer = 'https://issuer.example.com';
    await proveWritable(runOf(world, { connection: { tokenUrl: undefined, issuer } }), spending());
    expect(made()[0]).toBe('tokenEndpoint.discover');
  });

  it.each([
    [
      { unpublished: true, tokenVersionId: 't1' },
      ['tokens.prove', 'refreshTokens.turn', 'refreshTokens.prove'],
    ],
    [{ unpublished: true }, ['refreshTokens.turn', 'refreshTokens.prove']],
    [{ tokenVersionId: 't1' }, ['refreshTokens.turn', 'refreshTokens.prove']],
  ])('is one of the token too where the last could not be published: %o', async (state, expected) => {
    await proveWritable(runOf(world, { state }), spending());
    expect(made()).toEqual(expected);
  });
});

describe('nothing is spent', () => {
  it('with less than 75 s left, and then nothing is proved', async () => {
    await expect(proveWritable(runOf(world, { endsAt: NOW + SPEND_MS }), spending())).resolves.toBeDefined();
    world.calls.length = 0;
    expect(await failureOf(runOf(world, { endsAt: NOW + SPEND_MS - 1 }))).toEqual({
      outcome: 'retry-later',
      source: 'store',
      code: 'too_little_time',
      message: expect.stringMatching(/only 74 s /),
      retryAt: NOW,
    });
    expect(made()).not.toContain('refreshTokens.prove');
  });

  it('when the proof took so long that less is left', async () => {
    world.intercept = ({ method }, effect) => {
      if (method === 'prove') world.clock.advance(SECOND);
      return effect();
    };
    const run = runOf(world, { endsAt: NOW + SPEND_MS + SECOND - 1 });
    expect(await failureOf(run)).toMatchObject({ code: 'too_little_time', retryAt: NOW + SECOND });
  });

  it.each<[string, string, () => Grant]>([
    ['refresh token', 'writesByHour', () => spending()],
    ['token', 'tokenWritesByHour', () => spending()],
    ['token', 'tokenWritesByHour', () => clientCredentials(world)],
  ])('at 90 versions of the %s in a day (%s)', async (of, counted, grant) => {
    const at = (writes: number) => runOf(world, { state: { [counted]: { [NOW / HOUR]: writes } } });
    await proveWritable(at(89), grant());
    world.calls.length = 0;
    const failure = await failureOf(at(90), grant());
    expect(failure).toMatchObject({
      outcome: 'retry-later',
      source: 'store',
      code: 'version_quota',
      message: expect.stringMatching(new RegExp(`secret of the ${of} .*90 times`)),
    });
    expect(failure.retryAt).toBeGreaterThan(NOW + DAY);
    expect(made()).not.toContain('refreshTokens.prove');
  });

  it('of a refresh token whose successor no rescue could hold: more than 6 KB', async () => {
    const sized = async (bytes: number) => {
      world = new RefreshWorld();
      return spending({ refreshToken: await store(new Secret(canarySecret('large').padEnd(bytes, '-'))) });
    };
    const tooLarge = await sized(6145);
    expect(await failureOf(runOf(world), tooLarge)).toEqual({
      outcome: 'misconfigured',
      source: 'store',
      code: 'refresh_token_too_large',
      message: expect.stringMatching(/6145 bytes.* 6144 .*rescued/),
    });
    expect(made()).not.toContain('refreshTokens.prove');
    const largest = await sized(6144);
    await expect(proveWritable(runOf(world), largest)).resolves.toBeDefined();
  });

  it('of a refresh token that is current no longer', async () => {
    const another = { refresh_token: canarySecret('another') };
    world.secrets.put('refresh-tokens/crm', JSON.stringify(another), 'v2');
    expect(await failureOf(runOf(world))).toMatchObject({
      outcome: 'retry-later',
      source: 'store',
      code: 'refresh_token_replaced',
      message: expect.stringMatching(/another .*was stored/),
      retryAt: NOW,
    });
  });

  it.each<[string, string[], string[]]>([
    ['has no label that is known after the proof', ['AWSCURRENT'], []],
    ['was not current when it was read', ['AWSPREVIOUS'], ['AWSPREVIOUS']],
  ])('but a refresh token that %s is', async (_, stages, proved) => {
    world.intercept = async <T>({ method }: { method: string }, effect: () => Promise<T>) =>
      method === 'prove' ? (proved as T) : effect();
    const grant = spending({ refreshToken: { ...v1(), stages } });
    await expect(proveWritable(runOf(world), grant)).resolves.toBeDefined();
  });
});
