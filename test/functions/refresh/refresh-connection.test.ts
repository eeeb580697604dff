import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { type Call, RefreshWorld } from '../../support/refresh-world.ts';

const MINUTE = 60_000;
let world: RefreshWorld;

beforeEach(() => {
  world = new RefreshWorld();
});

/** A connection whose first refresh is behind it. */
async function refreshed(name = 'crm', connection = {}) {
  await world.connect(name, connection);
  world.storeRefreshToken(name);
  await world.refresh(name);
}

const failWhen = (matches: (call: Call) => boolean, error: () => Error, { afterEffect = false } = {}) => {
  world.intercept = async (call, effect) => {
    if (!matches(call)) return effect();
    if (afterEffect) await effect();
    throw error();
  };
};

const transient = () => new StoreError('transient', 'InternalServiceError', 'try again');
const denied = () => new StoreError('denied', 'AccessDeniedException', 'not allowed');
const isPut = ({ port, method }: Call) => port === 'refreshTokens' && method === 'put';
const isExchange = ({ method }: Call) => method === 'exchange';
const current = () => world.secrets.get('refresh-tokens/crm', {});
const item = (name = 'crm') => world.state.items.get(name);

describe('a refresh that succeeds', () => {
  it('persists the refresh token before it publishes the token, and commits last', async () => {
    await refreshed();
    const result = await world.refreshWhenDue('crm');
    expect(result).toMatchObject({ outcome: 'refreshed', health: 'healthy', error: null });
    const isCall = ({ method }: Call) => method !== 'turn' && method !== 'mayExist';
    const calls = world.calls.filter(isCall).map(({ port, method }) => `${port}.${method}`);
    expect(calls.slice(-6)).toEqual([
      'refreshTokens.read',
      'refreshTokens.prove',
      'tokenEndpoint.exchange',
      'refreshTokens.put',
      'tokens.publish',
      'state.commit',
    ]);
    expect(world.provider.isAlive(world.storedRefreshToken('crm') ?? '')).toBe(true);
    expect(item()).toMatchObject({ lastOutcome: 'refreshed', generation: 2, failures: 0 });
    expect(item()).not.toHaveProperty('attempt');
    expect(item()).not.toHaveProperty('leaseOwner');
  });

  it('goes on for many rotations, each spending the token of the one before', async () => {
    await refreshed();
    for (let generation = 2; generation <= 20; generation += 1) {
      expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    }
    expect(item()?.generation).toBe(20);
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('makes three calls for warm client credentials: lease, publish, commit', async () => {
    await world.connect('crm', { grants: ['client_credentials'] });
    const ports = world.ports();
    await world.refresh('crm', { ports });
    world.clock.advance(2 * MINUTE);
    world.calls.length = 0;
    await world.refresh('crm', { force: true, ports });
    const calls = world.calls.filter(
      ({ port, method }) => port !== 'tokenEndpoint' && method !== 'cooldowns',
    );
    expect(calls.map(({ port, method }) => `${port}.${method}`)).toEqual([
      'state.lease',
      'credentials.read',
      'tokens.publish',
      'state.commit',
    ]);
  });

  it('counts as late when the token before it had expired', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    expect(world.counted).not.toContain('RefreshesLate');
    world.clock.advance(2 * 60 * MINUTE);
    await world.refresh('crm');
    expect(world.counted).toContain('RefreshesLate');
  });

  it('keeps the old refresh token when the answer omits one', async () => {
    await refreshed('crm', { provider: 'never-rotates', grants: ['refresh_token'] });
    const before = current()?.versionId;
    world.intercept = async (call, effect) => {
      const answer = await effect();
      if (!isExchange(call)) return answer;
      const { refresh_token: _, ...token } = (answer as { token: Record<string, unknown> }).token;
      return { ...answer, token } as typeof answer;
    };
    world.provider.clientSecret = canarySecret('client-secret');
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(current()?.versionId).toBe(before);
  });

  it('publishes nothing secret in events, logs and state', async () => {
    await refreshed();
    world.provider.revokeAll();
    await world.refreshWhenDue('crm');
    assertNoCanary(
      JSON.stringify([world.events, world.logged, [...world.state.items]]),
      'what the world sees',
    );
    expect(world.logged.length).toBeGreaterThan(0);
  });
});

describe('a lease', () => {
  it('lets one of two refreshes at once through; the other is busy', async () => {
    await world.connect('crm');
    world.storeRefreshToken('crm');
    const request = {
      name: 'crm',
      force: false,
      requestedAt: world.clock.now(),
      functionEndsAt: world.clock.now() + 5 * MINUTE,
    };
    const { refreshConnection } = await import('../../../functions/refresh/refresh-connection.ts');
    const results = await world.clock.run(() =>
      Promise.all([refreshConnection(request, world.ports()), refreshConnection(request, world.ports())]),
    );
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['busy', 'refreshed']);
    expect(world.provider.exchanges).toHaveLength(1);
  });

  it('is not needed for a connection that is not due, is paused, or is unknown', async () => {
    await refreshed();
    expect((await world.refresh('crm')).outcome).toBe('fresh');
    await world.state.setPaused('crm', true, world.clock.now());
    expect(await world.refresh('crm', { force: true })).toMatchObject({
      outcome: 'paused',
      health: 'paused',
    });
    expect(await world.refresh('nobody')).toMatchObject({ outcome: 'unknown-connection', health: null });
  });
});

describe('a forced refresh', () => {
  it('does not send a refresh token that was taken back here', async () => {
    await refreshed();
    const state = item() as ConnectionState;
    world.state.items.set('crm', {
      ...state,
      refusedRefreshTokenVersionId: state.refreshTokenVersionId ?? '',
      refusedUnder: 'revoked',
    });
    const sent = world.provider.exchanges.length;
    world.clock.advance(2 * MINUTE);
    expect((await world.refresh('crm', { force: true })).outcome).toBe('needs-reauthorization');
    for (let looks = 0; looks < 200; looks += 1) await world.refreshWhenDue('crm');
    expect(world.provider.exchanges).toHaveLength(sent);
  });

  it('obtains a new token though the connection is not due', async () => {
    await refreshed();
    world.clock.advance(2 * MINUTE);
    expect((await world.refresh('crm', { force: true })).outcome).toBe('refreshed');
    expect(world.provider.exchanges).toHaveLength(2);
  });

  it('never exchanges within 60 s of the last exchange', async () => {
    await refreshed();
    world.clock.advance(59_999);
    expect((await world.refresh('crm', { force: true })).outcome).toBe('fresh');
    expect(item()).not.toHaveProperty('leaseOwner');
    expect(item()).not.toHaveProperty('attempt');
    world.clock.advance(1);
    expect((await world.refresh('crm', { force: true })).outcome).toBe('refreshed');
  });
});

describe('the way back', () => {
  it('spends nothing when the refresh token could not be stored afterwards', async () => {
    await refreshed();
    failWhen(({ method }) => method === 'prove', denied);
    const result = await world.refreshWhenDue('crm');
    expect(result).toMatchObject({ outcome: 'misconfigured', error: { code: 'AccessDeniedException' } });
    expect(world.provider.exchanges).toHaveLength(1);
    world.intercept = (_, effect) => effect();
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });

  it('spends nothing with less than 75 s left of the function', async () => {
    await refreshed();
    world.functionTimeMs = 74_999;
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'too_little_time' },
    });
    expect(world.provider.exchanges).toHaveLength(1);
    world.functionTimeMs = 75_000;
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });

  it('spends nothing at 90 writes a day, and goes on when the first of them is a day old', async () => {
    await refreshed();
    const hour = Math.floor(world.clock.now() / 3_600_000);
    await world.state.lease('crm', { owner: 'x', now: 0, endsAt: 0, attempt: 'x', force: true });
    await world.state.commit('crm', 'x', { writesByHour: { [hour]: 90 }, attempt: null });
    const result = await world.refreshWhenDue('crm');
    expect(result).toMatchObject({ outcome: 'retry-later', error: { code: 'version_quota' } });
    expect(world.provider.exchanges).toHaveLength(1);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.clock.now()).toBeLessThanOrEqual((hour + 26) * 3_600_000);
  });

  it('falls back on a grant that spends nothing', async () => {
    await refreshed('crm', { grants: ['refresh_token', 'client_credentials'] });
    failWhen(({ method }) => method === 'prove', denied);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.grantType).toBe('client_credentials');
  });
});

describe('an exchange without an answer', () => {
  const noAnswer = () => new TokenError('unanswered', 'timeout', 'the provider did not answer in time');

  it('keeps the attempt open, waits two minutes and sends the stored token once', async () => {
    await refreshed();
    failWhen(isExchange, noAnswer);
    const sentAt = world.clock.now();
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'timeout' },
    });
    const attemptAt = item()?.attemptAt ?? sentAt;
    world.intercept = (_, effect) => effect();
    const waiting = await world.refreshWhenDue('crm');
    expect(waiting).toMatchObject({ outcome: 'retry-later', error: { code: 'open_attempt' } });
    expect(world.provider.exchanges).toHaveLength(1);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.clock.now()).toBeGreaterThanOrEqual(attemptAt + 2 * MINUTE);
    expect(item()).not.toHaveProperty('attempt');
  });

  it('ends in needs-reauthorization when the token turns out to be spent, and is not sent again', async () => {
    await refreshed();
    failWhen(isExchange, noAnswer, { afterEffect: true });
    await world.refreshWhenDue('crm');
    world.intercept = (_, effect) => effect();
    await world.refreshWhenDue('crm');
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'needs-reauthorization',
      error: { code: 'invalid_grant' },
    });
    const sent = world.provider.exchanges.length;
    for (let look = 0; look < 10; look += 1) await world.refreshWhenDue('crm');
    expect(world.provider.exchanges).toHaveLength(sent);
    expect(world.events.map(({ detailType }) => detailType)).toContain('Connection Needs Attention');
  });

  it('is sent again at once only inside the grace that the provider documents', async () => {
    await refreshed('crm', { provider: 'graceful' });
    let lost = 0;
    world.intercept = async (call, effect) => {
      if (isExchange(call) && lost++ === 0) throw noAnswer();
      return effect();
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(lost).toBe(2);
  });

  it('is not settled by a later answer that says nothing for sure', async () => {
    await refreshed();
    failWhen(isExchange, noAnswer);
    await world.refreshWhenDue('crm');
    const blocked = () => new TokenError('unsure', 'http_403', 'blocked', { status: 403 });
    const sentAt = item()?.attemptAt ?? 0;
    failWhen(isExchange, blocked);
    const sent = () => world.calls.filter(isExchange).length;
    const before = sent();
    while (sent() === before) await world.refreshWhenDue('crm');
    expect(item()).toMatchObject({ lastErrorCode: 'http_403', unansweredSends: 1, attemptAt: sentAt });
    failWhen(isExchange, noAnswer);
    while (sent() === before + 1) await world.refreshWhenDue('crm');
    expect(item()).toMatchObject({ unansweredSends: 2 });
  });

  it('is not forgotten when the next send could be written down, and not be made', async () => {
    await refreshed();
    failWhen(isExchange, noAnswer);
    await world.refreshWhenDue('crm');
    failWhen(({ method }) => method === 'prove', transient);
    for (let tries = 0; tries < 6; tries += 1) await world.refreshWhenDue('crm');
    expect(item()).toMatchObject({ unansweredSends: 1 });
    expect(item()).toHaveProperty('attempt');
  });

  it('is sent no third time inside the grace, however fast the provider fails', async () => {
    await refreshed('crm', { provider: 'graceful' });
    failWhen(isExchange, noAnswer);
    const sent = () => world.calls.filter(isExchange).length;
    const before = sent();
    await world.refreshWhenDue('crm');
    expect(sent() - before).toBe(2);
  });
});

describe('a refresh token that cannot be persisted', () => {
  it('is insisted on under one id, so that a write which took effect unseen is not doubled', async () => {
    await refreshed();
    let failures = 0;
    world.intercept = async (call, effect) => {
      const answer = await effect();
      if (isPut(call) && failures++ < 3) throw transient();
      return answer;
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.secrets.versions('refresh-tokens/crm')).toHaveLength(3);
  });

  it('goes to the rescue, and the token is published all the same', async () => {
    await refreshed();
    failWhen(isPut, transient);
    expect(await world.refreshWhenDue('crm')).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
    expect(world.provider.isAlive(world.rescues.get('crm')?.token.refresh_token.reveal() ?? '')).toBe(true);
    expect(item()).toHaveProperty('attempt', world.rescues.get('crm')?.attempt);
    expect(world.counted).toContain('RescuesWritten');
  });

  it('comes home from the rescue, which is removed then', async () => {
    await refreshed();
    failWhen(isPut, denied);
    await world.refreshWhenDue('crm');
    world.intercept = (_, effect) => effect();
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.rescues.size).toBe(0);
    expect(world.provider.isAlive(world.storedRefreshToken('crm') ?? '')).toBe(true);
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('stays in the rescue when a person has signed in meanwhile, and is tried when that is refused', async () => {
    await refreshed();
    failWhen(isPut, denied);
    await world.refreshWhenDue('crm');
    world.intercept = (_, effect) => effect();
    const signedIn = world.provider.authorize();
    world.storeRefreshToken('crm', signedIn);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
    expect(world.rescues.size).toBe(1);
    const rescued = [...world.rescues.values()][0]?.token.refresh_token.reveal() ?? '';
    world.provider.revoke(world.storedRefreshToken('crm') ?? '');
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(rescued);
    expect(world.rescues.size).toBe(0);
  });
});

describe('a refresh that was cut off', () => {
  it('is continued from the version that it had persisted', async () => {
    await refreshed();
    failWhen(
      ({ method }) => method === 'publish' || method === 'commit',
      () => new Error('killed'),
    );
    await expect(world.refreshWhenDue('crm')).rejects.toThrow('killed');
    world.intercept = (_, effect) => effect();
    world.clock.advance(3 * MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('leaves a token that was never sent usable', async () => {
    await refreshed();
    failWhen(
      ({ method }) => method === 'prove' || method === 'commit',
      () => new Error('killed'),
    );
    await expect(world.refreshWhenDue('crm')).rejects.toThrow('killed');
    world.intercept = (_, effect) => effect();
    world.clock.advance(3 * MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('does not charge a token that was minted since with a send that it never was part of', async () => {
    await world.connect('crm', { grants: ['refresh_token', 'client_credentials'] });
    failWhen(
      ({ method }) => method === 'exchange' || method === 'commit',
      () => new Error('killed'),
    );
    await expect(world.refresh('crm')).rejects.toThrow('killed');
    world.intercept = (_, effect) => effect();
    world.clock.advance(3 * MINUTE);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(item()).not.toHaveProperty('attempt');
    failWhen(isExchange, () => new TokenError('unanswered', 'timeout', 'no answer came'));
    expect((await world.refreshWhenDue('crm')).outcome).toBe('retry-later');
    expect(item()?.unansweredSends ?? 1).toBe(1);
  });
});

describe('version rules', () => {
  it('takes the token that a person stored over the one that the state names', async () => {
    await refreshed();
    const signedIn = world.provider.authorize();
    world.clock.advance(1);
    world.storeRefreshToken('crm', signedIn);
    await world.refreshWhenDue('crm');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
  });

  it('reads again when two reads contradict each other about what is current', async () => {
    await refreshed();
    world.clock.advance(55 * MINUTE);
    const signedIn = world.provider.authorize();
    world.storeRefreshToken('crm', signedIn);
    let reads = 0;
    world.intercept = (call, effect) => {
      reads += call.port === 'refreshTokens' && call.method === 'read' ? 1 : 0;
      return reads === 2 ? world.secrets.lagging(effect) : effect();
    };
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
  });

  it('spends nothing while the newest version cannot be seen', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    const newest = item()?.refreshTokenVersionId;
    const stale = world.secrets.versions('refresh-tokens/crm').at(-2);
    world.intercept = async (call, effect) => {
      if (call.port !== 'refreshTokens' || call.method !== 'read') return effect();
      const answer = (await effect()) as { versionId?: string; value?: object } | undefined;
      if (answer?.versionId !== newest) return answer as Awaited<ReturnType<typeof effect>>;
      return (stale && call.connection && undefined) as Awaited<ReturnType<typeof effect>>;
    };
    const sent = world.provider.exchanges.length;
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'refresh_token_not_visible' },
    });
    expect(world.provider.exchanges).toHaveLength(sent);
  });

  it('spends nothing when another refresh token becomes current between the read and the proof', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    const signedIn = world.provider.authorize();
    const sent = world.provider.exchanges.length;
    let stored = false;
    world.intercept = async (call, effect) => {
      if (call.method === 'prove' && !stored) {
        stored = true;
        world.clock.advance(1);
        world.storeRefreshToken('crm', signedIn);
      }
      return effect();
    };
    expect(await world.refreshWhenDue('crm')).toMatchObject({ error: { code: 'refresh_token_replaced' } });
    expect(world.provider.exchanges).toHaveLength(sent);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
  });

  it('passes over a straggler: the late write of a refresh that had lost its lease', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    await world.refreshWhenDue('crm');
    const named = world.storedRefreshToken('crm');
    const { replaces } = JSON.parse(current()?.content ?? '{}') as { replaces?: string };
    world.clock.advance(1);
    const late = { refresh_token: canarySecret('straggler'), obtained_at: 1, attempt: 'late', replaces };
    world.secrets.put('refresh-tokens/crm', JSON.stringify(late), 'late');
    const sent = world.provider.exchanges.length;
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.slice(sent).map(({ refreshToken }) => refreshToken)).toEqual([named]);
  });

  it('goes on with what is stored when the newest version has been gone for ten minutes', async () => {
    await refreshed();
    await world.refreshWhenDue('crm');
    const newest = item()?.refreshTokenVersionId;
    const alive = world.storedRefreshToken('crm');
    world.intercept = async (call, effect) => {
      const answer = await effect();
      const isNewest = (answer as { versionId?: string } | undefined)?.versionId === newest;
      return (call.port === 'refreshTokens' && call.method === 'read' && isNewest ? undefined : answer) as
        | Awaited<ReturnType<typeof effect>>
        | never;
    };
    expect(await world.refreshWhenDue('crm')).toMatchObject({ error: { code: 'refresh_token_not_visible' } });
    for (let tries = 0; tries < 30 && item()?.lastErrorCode === 'refresh_token_not_visible'; tries += 1) {
      await world.refreshWhenDue('crm');
    }
    expect(item()).toMatchObject({ lastOutcome: 'needs-reauthorization', lastErrorCode: 'no_refresh_token' });
    world.intercept = (_, effect) => effect();
    world.storeRefreshToken('crm', alive);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });

  it('adopts another writer’s token on invalid_grant, and tries it once', async () => {
    await refreshed();
    const signedIn = world.provider.authorize();
    world.provider.revokeAll();
    const alive = world.provider.authorize();
    let stored = false;
    world.intercept = async (call, effect) => {
      if (isExchange(call) && !stored) {
        stored = true;
        world.clock.advance(1);
        world.storeRefreshToken('crm', alive);
      }
      return effect();
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(alive);
    expect(signedIn).not.toBe(alive);
  });

  it('tries a person’s token that a refresh displaced when its own is refused', async () => {
    await refreshed();
    const signedIn = world.provider.authorize();
    let stored = false;
    world.intercept = async (call, effect) => {
      if (isPut(call) && !stored) {
        stored = true;
        world.storeRefreshToken('crm', signedIn);
      }
      return effect();
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    world.provider.revokeAll();
    const displaced = world.secrets.get('refresh-tokens/crm', { stage: 'AWSPREVIOUS' });
    expect(displaced?.content).toContain(signedIn);
    await world.refreshWhenDue('crm');
    expect(world.provider.exchanges.at(-1)?.refreshToken).toBe(signedIn);
  });
});

describe('the chain of grants', () => {
  it('heals by client credentials when the refresh token is dead, and sends the dead one no sooner than an hour later', async () => {
    await refreshed('crm', { grants: ['refresh_token', 'client_credentials'] });
    world.provider.revokeAll();
    world.provider.mintsRefreshTokens = false;
    const dead = world.storedRefreshToken('crm');
    for (let round = 0; round < 3; round += 1)
      expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    const sentAt = world.provider.exchanges
      .filter(({ refreshToken }) => refreshToken === dead)
      .map(({ at }) => at);
    expect(sentAt).toHaveLength(2);
    expect((sentAt[1] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThanOrEqual(60 * MINUTE);
  });

  it('mints first where no refresh token is stored, and keeps the one that comes with it', async () => {
    await world.connect('crm', { grants: ['refresh_token', 'client_credentials'] });
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    await world.refreshWhenDue('crm');
    expect(world.provider.exchanges.map(({ grantType }) => grantType)).toEqual([
      'client_credentials',
      'refresh_token',
    ]);
  });

  it('does not rely on a refresh token that came with a password', async () => {
    await world.connect('crm', { provider: 'password-only', grants: ['refresh_token', 'password'] });
    await world.refresh('crm');
    expect(world.storedRefreshToken('crm')).toBeUndefined();
    await world.refreshWhenDue('crm');
    expect(world.provider.exchanges.map(({ grantType }) => grantType)).toEqual(['password', 'password']);
  });
});

describe('a provider with habits of its own', () => {
  /** The longest that readers were without a token that lives, in minutes, over a day of ticks. */
  async function expiredMinutes(): Promise<number> {
    let expired = 0;
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      world.clock.advance(MINUTE);
      await world.refresh('crm');
      if ((world.latestToken('crm')?.expires_at ?? 0) * 1000 <= world.clock.now()) expired += 1;
    }
    return expired;
  }

  it('keeps readers fresh where the same token comes again until five minutes before its end', async () => {
    world.provider.stickyUntilMs = () => 5 * MINUTE;
    await world.connect('crm', { grants: ['client_credentials'] });
    await world.refresh('crm');
    expect(await expiredMinutes()).toBe(0);
    expect(world.published.get('crm')?.length).toBeLessThan(90 + 20);
  });

  it('keeps readers fresh where a refresh is refused until five minutes before the end', async () => {
    world.provider.rotates = () => false;
    world.provider.earliestMs = () => 5 * MINUTE;
    world.provider.lifetimeSeconds = () => 6 * 3600;
    await refreshed();
    expect(await expiredMinutes()).toBe(0);
  });
});

describe('a connection that waits for a person', () => {
  it('awaits credentials, reading nothing but version ids, and heals when they come', async () => {
    await world.state.register(
      'crm',
      { tokenUrl: 'https://idp.example.com/token', credentials: 'client', grants: ['client_credentials'] },
      world.clock.now(),
    );
    expect(await world.refresh('crm')).toMatchObject({
      outcome: 'awaiting-credentials',
      health: 'awaiting-credentials',
    });
    world.calls.length = 0;
    expect((await world.refreshWhenDue('crm')).outcome).toBe('awaiting-credentials');
    expect(world.calls.map(({ method }) => method)).toEqual(['lease', 'currentVersionId', 'commit']);
    world.storeCredentials(world.provider.clientSecret);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
    expect(world.events.map(({ detailType }) => detailType)).toContain('Connection Recovered');
  });

  it('is misconfigured with a wrong client secret, and really tried at each look', async () => {
    await world.connect('crm', { grants: ['client_credentials'] });
    world.provider.clientSecret = canarySecret('another');
    const ports = world.ports();
    for (let look = 0; look < 10; look += 1) {
      expect(await world.refreshWhenDue('crm')).toMatchObject({
        outcome: 'misconfigured',
        error: { code: 'invalid_client', message: 'client authentication failed' },
      });
    }
    expect(world.provider.exchanges).toHaveLength(10);
    world.storeCredentials(canarySecret('another'));
    const dueAt = item()?.dueAt ?? 0;
    world.clock.advance(dueAt - world.clock.now());
    expect((await world.refresh('crm', { ports })).outcome).toBe('refreshed');
  });

  it('shows a refresh token to a provider that refuses its client ever more seldom, and looks every minute', async () => {
    await refreshed();
    world.provider.clientSecret = canarySecret('another');
    const from = world.provider.exchanges.length;
    let looks = 0;
    const since = world.clock.now();
    while (world.clock.now() < since + 180 * MINUTE) {
      await world.refreshWhenDue('crm');
      looks += 1;
    }
    const sent = world.provider.exchanges.slice(from);
    expect(looks).toBeGreaterThan(60);
    expect(sent.length).toBeGreaterThan(8);
    expect(sent.length).toBeLessThan(30);
    world.storeCredentials(world.provider.clientSecret);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });

  it('looks every minute for an hour, every five for a day, then hourly', async () => {
    await refreshed();
    world.provider.revokeAll();
    await world.refreshWhenDue('crm');
    const since = world.clock.now();
    const waits = new Set<string>();
    while (world.clock.now() < since + 26 * 60 * MINUTE) {
      const before = world.clock.now();
      await world.refreshWhenDue('crm');
      const tier =
        before - since < 60 * MINUTE ? 'hour' : before - since < 24 * 60 * MINUTE ? 'day' : 'later';
      waits.add(`${tier} ${((item()?.dueAt ?? 0) - world.clock.now()) / MINUTE}`);
    }
    expect([...waits]).toEqual(['hour 1', 'hour 5', 'day 5', 'day 60', 'later 60']);
  });

  it('heals by itself when AWS allows what it refused, with no secret changed', async () => {
    await refreshed();
    failWhen(({ method }) => method === 'publish', denied);
    expect((await world.refreshWhenDue('crm')).outcome).toBe('misconfigured');
    expect(world.provider.isAlive(world.storedRefreshToken('crm') ?? '')).toBe(true);
    world.intercept = (_, effect) => effect();
    expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
  });
});

describe('a definition that cannot be read', () => {
  it('is "misconfigured", says where the problem is, and leaves no lease behind', async () => {
    await refreshed();
    const broken = { ...item(), definition: { provider: 7, grants: ['refresh_token'] } };
    world.state.items.set('crm', broken as never);
    const result = await world.refreshWhenDue('crm');
    expect(result).toMatchObject({ outcome: 'misconfigured', error: { code: 'invalid_connection' } });
    expect(result.error?.message).toContain('provider');
    expect(item()).not.toHaveProperty('leaseOwner');
  });
});

describe('an error that no rule explains', () => {
  it('is tried a few times, then a person is asked', async () => {
    await refreshed();
    failWhen(isExchange, () => new TokenError('unsure', 'http_400', 'something is off', { status: 400 }));
    const outcomes: string[] = [];
    for (let tries = 0; tries < 5; tries += 1) outcomes.push((await world.refreshWhenDue('crm')).outcome);
    expect(outcomes).toEqual([...Array<string>(4).fill('retry-later'), 'misconfigured']);
  });
});
