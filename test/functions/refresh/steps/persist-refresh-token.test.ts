import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { TokenSet } from '../../../../functions/oauth/token-set.ts';
import { type StoredRefreshToken, StoreError } from '../../../../functions/refresh/ports/stores.ts';
import type { ExchangedToken, RefreshRun } from '../../../../functions/refresh/refresh-run.ts';
import {
  persistRefreshToken,
  refreshTokenEnd,
} from '../../../../functions/refresh/steps/persist-refresh-token.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { RefreshWorld } from '../../../support/refresh-world.ts';
import { OWN, runOf, v1 } from '../run-of.ts';
import { DAY, HOUR, NOW, SECOND } from '../state-of.ts';

const BROUGHT = canarySecret('brought');
const AT_SECONDS = NOW / 1000;
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

/** An answer that came to `v1`, with a new refresh token. */
function brought(changes: Partial<ExchangedToken> = {}, token: Partial<TokenSet> = {}): ExchangedToken {
  const access_token = new Secret(canarySecret('access'));
  const refresh_token = new Secret(BROUGHT);
  return {
    // Not a whole second, as instants are.
    exchange: {
      requestedAt: NOW + 1999,
      token: { access_token, refresh_token, token_type: 'Bearer', extras: {}, ...token },
    },
    grantType: 'refresh_token',
    sent: v1(),
    mayReplaceRefreshToken: true,
    ...changes,
  };
}

const nothingBrought = (changes: Partial<ExchangedToken> = {}): ExchangedToken => {
  const { exchange, ...rest } = brought(changes);
  const { refresh_token: _, ...token } = exchange.token;
  return { ...rest, exchange: { ...exchange, token } };
};

/** Of a grant that can be repeated. */
const minted = (changes: Partial<ExchangedToken> = {}) =>
  brought({ grantType: 'client_credentials', sent: undefined, ...changes });

/** A run that has sent `v1`. */
function sentRun(found: Parameters<typeof runOf>[1] = {}): RefreshRun {
  const run = runOf(world, found);
  run.ledger.sending('v1', NOW);
  return run;
}

const chain = { grants: ['refresh_token', 'client_credentials'] };
const stored = () => {
  const current = world.secrets.get('refresh-tokens/crm', {});
  return current && { versionId: current.versionId, ...(JSON.parse(current.content) as object) };
};
const puts = () => world.calls.filter(({ method }) => method === 'put').length;

describe('the successor of a spent refresh token', () => {
  it('is stored under the id of the attempt, with what it took the place of and when it came', async () => {
    const run = sentRun();
    await persistRefreshToken(run, brought());
    expect(stored()).toEqual({
      versionId: OWN,
      schema: 1,
      refresh_token: BROUGHT,
      obtained_at: AT_SECONDS + 1,
      attempt: OWN,
      replaces: 'v1',
    });
    expect(run.ledger.isOpen).toBe(false);
    expect(run.ledger.toChange()).toMatchObject({
      refreshTokenVersionId: OWN,
      writesByHour: { [NOW / HOUR]: 1 },
    });
  });

  it('says when it ends, where that is known, and keeps the fields that are not ours', async () => {
    const unknown = { owner: 'sales' };
    const answer = brought({ sent: v1({ unknown }) }, { refreshTokenExpiresInSeconds: 60 });
    await persistRefreshToken(sentRun(), answer);
    expect(stored()).toMatchObject({ expires_at: AT_SECONDS + 61, ...unknown });
  });

  it('that did not come leaves the old one where it is, and settles the attempt', async () => {
    const same = { refresh_token: v1().value.refresh_token };
    for (const answer of [nothingBrought(), brought({}, same)]) {
      world = new RefreshWorld();
      const run = sentRun();
      await persistRefreshToken(run, answer);
      expect(run.ledger.isOpen).toBe(false);
      expect(run.ledger.refreshTokenVersionId).toBe('v1');
      expect(puts()).toBe(0);
    }
  });
});

describe('the end of a refresh token', () => {
  const FIXED = 1000 * SECOND;
  const secondsLeft = (seconds: number) => v1({ expires_at: AT_SECONDS + seconds });
  const named = { refreshTokenVersionId: 'v1', refreshTokenExpiresAt: NOW + 300 * SECOND };

  it.each([
    ['is that of the stored token, which refreshing does not move', secondsLeft(500), {}, NOW + 500 * SECOND],
    ['is the stored one rather than the noted one', secondsLeft(500), named, NOW + 500 * SECOND],
    ['is the noted one where that is all there is', v1(), named, NOW + 300 * SECOND],
    ['is not what is noted of another', { ...v1(), versionId: 'v2' }, named, NOW + 1999 + FIXED],
    ['counts anew where none is known', v1(), {}, NOW + 1999 + FIXED],
  ])('%s', (_, sent, state, expected) => {
    const run = runOf(world, { state });
    const refreshToken = { ...run.connection.refreshToken, lifetimeSeconds: FIXED / SECOND };
    const connection = { ...run.connection, refreshToken };
    expect(refreshTokenEnd({ ...run, connection }, brought({ sent }))).toBe(expected);
  });
});

describe('a refresh token that came with a grant that can be repeated', () => {
  it('is stored where it may take the place of the old one', async () => {
    const run = runOf(world, { connection: chain });
    await persistRefreshToken(run, minted());
    expect(stored()).toEqual({
      versionId: OWN,
      schema: 1,
      refresh_token: BROUGHT,
      obtained_at: AT_SECONDS + 1,
      attempt: OWN,
    });
    expect(run.ledger.toChange()).toMatchObject({
      refreshTokenVersionId: OWN,
      refusedUnder: null,
      writesByHour: { [NOW / HOUR]: 1 },
    });
  });

  it.each<[string, () => RefreshRun, ExchangedToken]>([
    [
      'the old one may still live',
      () => runOf(world, { connection: chain }),
      minted({ mayReplaceRefreshToken: false }),
    ],
    [
      'the connection never sends one',
      () => runOf(world, { connection: { grants: ['client_credentials'] } }),
      minted(),
    ],
    [
      'its secret was written 90 times in a day',
      () => runOf(world, { connection: chain, state: { writesByHour: { [NOW / HOUR]: 90 } } }),
      minted(),
    ],
  ])('is not stored where %s', async (_, run, answer) => {
    await persistRefreshToken(run(), answer);
    expect(puts()).toBe(0);
  });

  it('settles nothing of a send that had no answer, when the answer brings none', async () => {
    const run = sentRun({ connection: chain });
    run.ledger.unanswered(NOW);
    await persistRefreshToken(run, nothingBrought({ grantType: 'client_credentials', sent: undefined }));
    expect(run.ledger.isOpen).toBe(true);
  });

  it('is given up after 15 s, since the access token must not wait for it', async () => {
    const run = runOf(world, { connection: chain });
    let givenUpAt = 0;
    world.intercept = ({ method, signal }, effect) => {
      if (method !== 'put') return effect();
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          givenUpAt = world.clock.now();
          reject(new StoreError('transient', 'TimeoutError', canarySecret('words')));
        });
      });
    };
    await world.clock.run(() => persistRefreshToken(run, minted()));
    expect(givenUpAt).toBe(NOW + 15 * SECOND);
    expect(run.ledger.toChange()).not.toHaveProperty('refreshTokenVersionId');
    expect(run.ledger.toChange()).toMatchObject({ writesByHour: { [NOW / HOUR]: 1 } });
    expect(world.logged).toEqual([
      expect.stringMatching(/^warn .*can be repeated \{"connection":"crm","code":"TimeoutError"\}$/),
    ]);
    assertNoCanary(world.logged.join(), 'the log');
    expect(world.rescues.size).toBe(0);
  });
});

describe('a refresh token that somebody stored during the exchange', () => {
  const PERSONS = canarySecret('signed-in');

  /** Persists `takesMs` after the turn was had; `before` is what was current when it began. */
  async function persistAfter(takesMs: number, before: Partial<StoredRefreshToken> | undefined) {
    const secret = { refresh_token: canarySecret('spent') };
    world.secrets.put('refresh-tokens/crm', JSON.stringify(secret), 'v1');
    const other = { refresh_token: PERSONS, obtained_at: 0, ...before };
    if (before) world.secrets.put('refresh-tokens/crm', JSON.stringify(other), 'other');
    const run = sentRun({ state: { expiresAt: NOW + DAY } });
    world.clock.advance(takesMs);
    await persistRefreshToken(run, brought(), { turn: { takenAt: NOW }, members: 1 });
    expect(stored()).toMatchObject({ versionId: OWN });
    expect(run.ledger.isOpen).toBe(false);
  }

  const looks = () => world.calls.filter(({ method }) => method === 'read').length;

  it('is told to have been displaced, with its version', async () => {
    await persistAfter(SECOND, {});
    expect(world.events).toEqual([
      expect.objectContaining({ detailType: 'Refresh Token Displaced', connection: 'crm' }),
    ]);
    expect(world.logged).toEqual([
      expect.stringMatching(/^warn .*displaced.* \{"connection":"crm","versionId":"other"\}$/),
    ]);
  });

  it.each([
    ['nobody stored one', undefined, 1],
    ['it is that of another refresh', { attempt: 'late' }, 1],
  ])('is not told of where %s', async (_, before, expected) => {
    await persistAfter(SECOND, before);
    expect(looks()).toBe(expected);
    expect([...world.events, ...world.logged]).toEqual([]);
  });

  it('is not looked for after an ordinary exchange', async () => {
    await persistAfter(SECOND - 1, {});
    expect(looks()).toBe(0);
  });

  it('is not told of where nothing was stored before', async () => {
    await persistRefreshToken(sentRun(), brought(), { turn: { takenAt: NOW - SECOND }, members: 1 });
    expect(looks()).toBe(1);
    expect([...world.events, ...world.logged]).toEqual([]);
  });

  it('costs nothing where it cannot be looked for', async () => {
    world.intercept = async ({ method }, effect) => {
      if (method === 'read') throw new RangeError(canarySecret('unforeseen'));
      return effect();
    };
    await persistAfter(SECOND, {});
    expect(world.events).toEqual([]);
    expect(world.logged).toEqual([
      expect.stringMatching(/^warn .*looked for \{"connection":"crm","error":"RangeError"\}$/),
    ]);
    assertNoCanary(world.logged.join(), 'the log');
  });
});
