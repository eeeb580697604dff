import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../functions/refresh/connection-state.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import type { Call } from '../../support/refresh-world.ts';
import {
  beginEachTestAnew,
  current,
  denied,
  failWhen,
  isExchange,
  item,
  MINUTE,
  refreshed,
  world,
} from './crm-world.ts';

beginEachTestAnew();

describe('a refresh that succeeds', () => {
  it('quirk 48: persists the refresh token before it publishes the token, and commits last', async () => {
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

  it('quirk 48: keeps the old refresh token when the answer omits one', async () => {
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
  it('quirk 49: lets one of two refreshes at once through; the other is busy', async () => {
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

describe('credentials', () => {
  it('are read from the secret once something has failed, and from memory until then', async () => {
    await world.connect('crm', { grants: ['client_credentials'] });
    const ports = world.ports();
    const refresh = async () => {
      world.clock.advance(2 * MINUTE);
      await world.state.postpone('crm', world.clock.now());
      return (await world.refresh('crm', { ports })).outcome;
    };
    await refresh();
    world.storeCredentials(canarySecret('another'));
    expect(await refresh()).toBe('refreshed');
    failWhen(({ method }) => method === 'publish', denied);
    await refresh();
    world.intercept = (_, effect) => effect();
    world.provider.clientSecret = canarySecret('another');
    const before = world.provider.exchanges.length;
    expect(await refresh()).toBe('refreshed');
    expect(world.provider.exchanges).toHaveLength(before + 1);
  });
});
