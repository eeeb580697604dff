import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { RefreshTokenStore } from '../../../../functions/refresh/ports/stores.ts';
import type { RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import { currentRefreshToken } from '../../../../functions/refresh/steps/current-refresh-token.ts';
import { canarySecret } from '../../../support/canary.ts';
import { type Intercept, RefreshWorld } from '../../../support/refresh-world.ts';
import { runOf } from '../run-of.ts';
import { MINUTE, NOW, SECOND } from '../state-of.ts';

const SECRET = 'refresh-tokens/crm';
const NOT_VISIBLE = 'refresh_token_not_visible';
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

/** Stores a version that was obtained for `replaces`; without that, as a person would. */
function store(versionId: string, replaces?: string): void {
  const obtained = replaces === undefined ? {} : { replaces, attempt: versionId };
  const content = { refresh_token: canarySecret(versionId), obtained_at: 0, ...obtained };
  world.secrets.put(SECRET, JSON.stringify(content), versionId);
}

const reads = () => world.calls.filter(({ port, method }) => port === 'refreshTokens' && method === 'read');

/** Which version counts for a refresh whose state names `v1`, and how long that took. */
async function counts(run: RefreshRun = runOf(world)) {
  const version = await world.clock.run(() => currentRefreshToken(run));
  return { versionId: version?.versionId, tookMs: world.clock.now() - NOW };
}

/** The n-th read of a version, from 1, finds what `answer` makes of it. */
function onRead(answer: (read: number, effect: () => Promise<unknown>) => Promise<unknown>): void {
  let read = 0;
  world.intercept = ((call, effect) =>
    call.port === 'refreshTokens' ? answer(++read, effect) : effect()) as Intercept;
}

describe('the refresh token that counts', () => {
  it('is the current one where the state names none, or none where none was stored', async () => {
    const unnamed = () => runOf(world, { state: { refreshTokenVersionId: undefined } });
    expect(await counts(unnamed())).toMatchObject({ versionId: undefined, tookMs: 0 });
    store('v2');
    expect(await counts(unnamed())).toMatchObject({ versionId: 'v2', tookMs: 0 });
  });

  it('is the named one for one read while that is current', async () => {
    store('v1');
    expect(await counts()).toEqual({ versionId: 'v1', tookMs: 0 });
    expect(reads()).toHaveLength(1);
  });

  it('is the one that an interrupted refresh stored, in place of what it spent', async () => {
    store('v1');
    world.clock.advance(1);
    store('earlier', 'v1');
    const run = runOf(world, { state: { attempt: 'earlier' } });
    expect(await counts(run)).toMatchObject({ versionId: 'earlier' });
  });

  it.each([
    ['named', {}],
    ['not named', { refreshTokenVersionId: undefined }],
  ])('is read within the deadline of the lease where it is %s', async (_, state) => {
    store('v1');
    store('v2', 'v0');
    const run = runOf(world, { state });
    await counts(run);
    expect(world.calls.filter(({ signal }) => signal !== run.lease.signal)).toEqual([]);
  });
});

describe('a current version beside the named one', () => {
  it('counts where somebody stored it later', async () => {
    store('v1');
    world.clock.advance(1);
    store('v2');
    expect((await counts()).versionId).toBe('v2');
  });

  it.each([
    ['at the same instant', 0],
    ['before, and made it current again', -1],
  ])('does not where somebody stored it %s', async (_, ms) => {
    store('v1');
    world.clock.advance(ms);
    store('v2');
    expect((await counts()).versionId).toBe('v1');
  });

  it('counts where it descends from the named one, over generations', async () => {
    for (const [versionId, replaces] of [['v1'], ['v2', 'v1'], ['v3', 'v2'], ['v4', 'v3']] as const) {
      store(versionId, replaces);
      world.clock.advance(MINUTE);
    }
    expect((await counts()).versionId).toBe('v4');
  });

  it('counts where it descends from a later one whose own origin is no longer kept', async () => {
    store('v1');
    world.clock.advance(1);
    store('v3', 'v2');
    world.clock.advance(1);
    store('v4', 'v3');
    expect((await counts()).versionId).toBe('v4');
  });

  it.each([
    ['before', 1],
    ['at the same instant as', 0],
  ])('does not where it replaced one of %s the named one, which is as far as it is looked', async (_, ms) => {
    store('v0', 'v-1');
    world.clock.advance(ms);
    store('v1', 'v0');
    world.clock.advance(1);
    store('late', 'v0');
    expect((await counts()).versionId).toBe('v1');
    // The named one, the current one, and what that replaced.
    expect(reads()).toHaveLength(3);
  });

  it('counts where its line is longer than a secret keeps versions, after a hundred of them', async () => {
    const ports = world.ports();
    let read = 0;
    const endless: RefreshTokenStore['read'] = async (_, { versionId = 'a0' }) => {
      read += 1;
      const token = { refresh_token: new Secret(canarySecret(versionId)), obtained_at: 0 };
      if (versionId === 'v1') return { versionId, value: token, createdAt: NOW, stages: ['AWSPREVIOUS'] };
      const replaces = `a${Number(versionId.slice(1)) + 1}`;
      // It ends somewhere, in what is older than the named one.
      const createdAt = replaces === 'a110' ? NOW - 1 : NOW + 1;
      return { versionId, value: { ...token, replaces }, createdAt, stages: [] };
    };
    const refreshTokens = { ...ports.refreshTokens, read: endless };
    const run = runOf(world, { ports: { ...ports, refreshTokens } });
    expect((await counts(run)).versionId).toBe('a0');
    expect(read).toBe(2 + 100);
  });
});

describe('a named version that cannot be seen', () => {
  const older = { obtainedAt: NOW + 1 };

  it('is waited for, and counts when it comes', async () => {
    store('v0');
    store('v1', 'v0');
    onRead((read, effect) => (read <= 4 ? world.secrets.lagging(effect) : effect()));
    expect(await counts(runOf(world, { state: { obtainedAt: NOW } }))).toEqual({
      versionId: 'v1',
      tookMs: 2 * SECOND,
    });
  });

  it('is waited for where the current one cannot be seen either', async () => {
    store('v1');
    onRead((read, effect) => (read <= 2 ? Promise.resolve(undefined) : effect()));
    expect(await counts()).toEqual({ versionId: 'v1', tookMs: 500 });
  });

  it('is read again where it is there and which is current is not', async () => {
    store('v1');
    store('v2', 'v1');
    // `v1` is no longer current, and what is current cannot be seen yet.
    onRead((read, effect) => (read === 2 ? Promise.resolve(undefined) : effect()));
    world.clock.advance(MINUTE);
    expect((await counts()).versionId).toBe('v2');
    expect(reads()).toHaveLength(4);
  });

  it('is read again where it is said to be current, and not to be', async () => {
    store('v1');
    store('v2', 'v1');
    world.clock.advance(MINUTE);
    const run = runOf(world, { state: { refreshTokenVersionId: 'v2', obtainedAt: NOW - 1 } });
    // The first read finds `v2` without its label.
    onRead(async (read, effect) => {
      const found = (await effect()) as object;
      return read === 1 ? { ...found, stages: [] } : found;
    });
    expect((await counts(run)).versionId).toBe('v2');
    expect(reads()).toHaveLength(3);
  });

  it('gives way at once to one that was stored since the last token was obtained', async () => {
    store('v2');
    for (const state of [{ obtainedAt: NOW - 1 }, {}]) {
      expect(await counts(runOf(world, { state }))).toEqual({ versionId: 'v2', tookMs: 0 });
    }
  });

  it.each([
    ['at the instant when the last token was obtained', { obtainedAt: NOW }],
    ['before the last token was obtained', older],
  ])('is tried for five seconds rather than use one that was stored %s', async (_, state) => {
    store('v2');
    await expect(counts(runOf(world, { state }))).rejects.toMatchObject({
      failure: { outcome: 'retry-later', source: 'store', code: NOT_VISIBLE },
      message: expect.stringContaining('v1'),
    });
    expect(world.clock.now() - NOW).toBe(5 * SECOND);
  });

  it('is given up ten minutes after it was not there for the first time, to the millisecond', async () => {
    store('v2');
    const since = (lastErrorKindAt: number) =>
      runOf(world, { state: { ...older, lastErrorCode: NOT_VISIBLE, lastErrorKindAt } });
    const endsAt = NOW + 5 * SECOND;
    await expect(counts(since(endsAt - 10 * MINUTE))).rejects.toMatchObject({
      failure: { code: NOT_VISIBLE },
    });
    expect(await counts(since(world.clock.now() - 10 * MINUTE - 1))).toMatchObject({ versionId: 'v2' });
  });

  it.each([
    ['for as long as something else has been wrong', { lastErrorCode: 'timeout', lastErrorKindAt: 0 }],
    ['where since when is not known', { lastErrorCode: NOT_VISIBLE }],
  ])('is not given up %s', async (_, state) => {
    store('v2');
    await expect(counts(runOf(world, { state: { ...older, ...state } }))).rejects.toMatchObject({
      failure: { code: NOT_VISIBLE },
    });
  });

  it('is nothing at all after ten minutes in which nothing else was stored', async () => {
    const state = { lastErrorCode: NOT_VISIBLE, lastErrorKindAt: NOW - 11 * MINUTE };
    expect(await counts(runOf(world, { state }))).toEqual({ versionId: undefined, tookMs: 0 });
  });
});
