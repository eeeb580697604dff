import { beforeEach, describe, expect, it } from 'vitest';
import type { ResolvedConnection } from '../../../../functions/connections/resolve-connection.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import { StoreError } from '../../../../functions/refresh/ports/stores.ts';
import { RefreshFailed } from '../../../../functions/refresh/rules/classify-failure.ts';
import { GrantChain } from '../../../../functions/refresh/steps/grant-chain.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { grantOf, runOf } from '../run-of.ts';
import { MINUTE, NOW, type stateOf } from '../state-of.ts';

const CHAIN = ['refresh_token', 'client_credentials'];
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

function store(versionId: string): void {
  world.secrets.put(
    'refresh-tokens/crm',
    JSON.stringify({ refresh_token: canarySecret(versionId) }),
    versionId,
  );
}

interface Found {
  readonly grants?: readonly string[];
  readonly state?: Parameters<typeof stateOf>[0];
  readonly connection?: Partial<ResolvedConnection>;
}

/** The grants of a connection whose state names `v1`, which the lease wrote down as about to be sent. */
function chainOf({ grants = CHAIN, state = {}, connection = {} }: Found = {}) {
  const run = runOf(world, { state, connection: { ...connection, grants } });
  return { chain: new GrantChain(run, grantOf(world).credentials), ledger: run.ledger, run };
}

const denied = new StoreError('denied', 'AccessDeniedException', 'not allowed');
const noAnswer = new TokenError('unanswered', 'timeout', 'no answer came');
const failed = (failure: Partial<RefreshFailed['failure']>) =>
  new RefreshFailed({
    outcome: 'retry-later',
    source: 'store',
    code: 'the_code',
    message: 'words',
    ...failure,
  });

describe('the refresh token, where it comes first', () => {
  it.each([
    ['always', true],
    ['sometimes', true],
    ['never', false],
  ] as const)('is spent by its use where it rotates: %s', async (rotates, spends) => {
    store('v1');
    const { refreshToken } = chainOf().run.connection;
    const { chain } = chainOf({ connection: { refreshToken: { ...refreshToken, rotates } } });
    expect(await chain.read()).toMatchObject({
      type: 'refresh_token',
      credentials: { versionId: 'c1' },
      refreshToken: { versionId: 'v1' },
      spends,
      mayReplaceRefreshToken: true,
    });
  });

  it('is noted as the one that counts before it is sent', async () => {
    store('v1');
    world.clock.advance(1);
    store('v2');
    const { chain, ledger } = chainOf();
    await chain.read();
    expect(ledger.toChange()).toMatchObject({ refreshTokenVersionId: 'v2' });
    expect(ledger.grantType).toBe('refresh_token');
  });

  it('asks for a person where none was ever stored, and says so', async () => {
    const { chain } = chainOf({ grants: ['refresh_token'], state: { refreshTokenVersionId: undefined } });
    const missing = await chain.read().catch((error: unknown) => error);
    expect(missing).toMatchObject({
      failure: { outcome: 'needs-reauthorization', source: 'provider', code: 'no_refresh_token' },
      message: expect.stringMatching(/no refresh token/),
    });
    await expect(chain.moveOn(missing)).rejects.toBe(missing);
  });
});

describe('a refresh token that the next grant brings', () => {
  it('is kept where none was ever stored', async () => {
    const { chain } = chainOf({ state: { refreshTokenVersionId: undefined } });
    await chain.moveOn(await chain.read().catch((error: unknown) => error));
    expect(await chain.read()).toEqual({
      type: 'client_credentials',
      credentials: grantOf(world).credentials,
      spends: false,
      mayReplaceRefreshToken: true,
    });
  });

  it('takes the place of one that was refused for sure', async () => {
    store('v1');
    const { chain } = chainOf();
    await chain.read();
    await chain.moveOn(new TokenError('refused', 'invalid_grant', 'not valid', { status: 400 }));
    expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken: true });
  });

  it.each([
    ['known', {}],
    ['stored by a person and not used yet', { refreshTokenVersionId: undefined }],
  ])('takes the place of none that may still live, and is %s', async (_, state) => {
    store('v1');
    const { chain } = chainOf({ state });
    await chain.read();
    await chain.moveOn(denied);
    expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken: false });
  });
});

describe('a grant that comes before the refresh token', () => {
  it.each([
    ['does not replace one that is known', {}, false],
    ['brings the first one where none is known', { refreshTokenVersionId: undefined }, true],
  ])('%s', async (_, state, mayReplaceRefreshToken) => {
    const { chain } = chainOf({ grants: ['client_credentials', 'refresh_token'], state });
    expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken });
  });
});

describe('the next grant', () => {
  it.each<[string, Error]>([
    [
      'the provider refuses without a sure reason',
      new TokenError('unsure', 'http_403', 'blocked', { status: 403 }),
    ],
    [
      'the provider calls the request wrong',
      new TokenError('configuration', 'invalid_scope', 'no', { status: 400 }),
    ],
    ['its successor could not be stored', denied],
    ['no more versions may be written', failed({ code: 'version_quota' })],
    ['a person must sign in', failed({ outcome: 'needs-reauthorization', source: 'provider' })],
  ])('takes over where %s', async (_, error) => {
    store('v1');
    const { chain } = chainOf();
    await chain.read();
    await chain.moveOn(error);
    expect(await chain.read()).toMatchObject({ type: 'client_credentials' });
  });

  it.each<[string, Error]>([
    ['nothing was sent', new TokenError('never-sent', 'ENOTFOUND', 'no such host')],
    ['one send had no answer', noAnswer],
    ['the provider is asked too often', new TokenError('throttled', 'http_429', 'too many', { status: 429 })],
    ['the client is refused', new TokenError('client-refused', 'invalid_client', 'no', { status: 401 })],
    [
      'a check of our own found the request wrong',
      new TokenError('configuration', 'missing_client_id', 'no'),
    ],
    ['the declaration is wrong', failed({ outcome: 'misconfigured', source: 'connection' })],
    ['a store does not answer', new StoreError('transient', 'InternalServiceError', 'try again')],
    ['there is too little time', failed({ code: 'too_little_time' })],
    ['a provider speaks of a quota of its own', failed({ source: 'provider', code: 'version_quota' })],
  ])('does not where %s', async (_, error) => {
    store('v1');
    const { chain, ledger } = chainOf();
    await chain.read();
    ledger.sending('v1', NOW);
    await expect(chain.moveOn(error)).rejects.toBe(error);
    expect(world.logged).toEqual([]);
  });

  it('is never there after the last', async () => {
    store('v1');
    const { chain } = chainOf({ grants: ['refresh_token'] });
    await chain.read();
    await expect(chain.moveOn(denied)).rejects.toBe(denied);
  });

  it('follows on the refresh token alone: the error of another shows where help is needed', async () => {
    const unsure = new TokenError('unsure', 'http_403', 'blocked', { status: 403 });
    const { chain } = chainOf({ grants: ['client_credentials', 'refresh_token'] });
    await chain.read();
    await expect(chain.moveOn(unsure)).rejects.toBe(unsure);
  });

  it('fails with its own error, not with that of the refresh token', async () => {
    store('v1');
    const { chain } = chainOf();
    await chain.read();
    await chain.moveOn(denied);
    const refused = new TokenError('refused', 'invalid_grant', 'not valid', { status: 400 });
    await chain.read();
    await expect(chain.moveOn(refused)).rejects.toBe(refused);
  });

  it('is told of in the log, with the connection and why', async () => {
    store('v1');
    const { chain } = chainOf();
    await chain.read();
    await chain.moveOn(denied);
    expect(world.logged).toEqual([
      expect.stringMatching(/^info .*next grant.*"crm".*"AccessDeniedException"/),
    ]);
    assertNoCanary(world.logged.join('\n'), 'the log');
  });
});

describe('sends of the refresh token without an answer', () => {
  const earlier = { attempt: 'earlier', attemptAt: NOW - MINUTE };

  it('are counted over refreshes: after the second the next grant takes over', async () => {
    store('v1');
    const { chain, ledger } = chainOf({ state: { ...earlier, attemptAt: NOW - 3 * MINUTE } });
    await chain.read();
    const send = ledger.toWriteDown('v1', NOW, () => 'own');
    if (send !== undefined) ledger.writtenDown(send);
    ledger.sending('v1', NOW);
    ledger.unanswered(NOW);
    await chain.moveOn(noAnswer);
    expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken: false });
  });

  it.each([2, 3])(
    'were %d: the next grant is used while the next send is waited for',
    async (unansweredSends) => {
      store('v1');
      const { chain } = chainOf({ state: { ...earlier, unansweredSends } });
      const waits = await chain.read().catch((error: unknown) => error);
      expect(waits).toMatchObject({ failure: { code: 'open_attempt' } });
      await chain.moveOn(waits);
      expect(await chain.read()).toMatchObject({ type: 'client_credentials', mayReplaceRefreshToken: false });
    },
  );

  it('were one, which is waited for', async () => {
    store('v1');
    const { chain } = chainOf({ state: earlier });
    const waits = await chain.read().catch((error: unknown) => error);
    expect(waits).toMatchObject({ failure: { code: 'open_attempt' } });
    await expect(chain.moveOn(waits)).rejects.toBe(waits);
  });

  it('are not counted where a send spends nothing', async () => {
    store('v1');
    const { chain } = chainOf({ state: { unansweredSends: 2 } });
    await chain.read();
    await expect(chain.moveOn(noAnswer)).rejects.toBe(noAnswer);
  });
});
