import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import {
  beginEachTestAnew,
  denied,
  failWhen,
  isExchange,
  item,
  MINUTE,
  refreshed,
  world,
} from './crm-world.ts';

beginEachTestAnew();

const errors = () => world.logged.filter((line) => line.startsWith('error '));

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
  beforeEach(async () => {
    await refreshed();
    failWhen(isExchange, () => new TokenError('unsure', 'http_400', 'something is off', { status: 400 }));
  });

  it('is tried on while readers have a token, however often, and nobody is asked', async () => {
    const expiresAt = item()?.expiresAt ?? 0;
    for (let tries = 1; ; tries += 1) {
      const result = await world.refreshWhenDue('crm');
      if (world.clock.now() >= expiresAt) return expect(tries).toBeGreaterThan(5);
      expect(result).toMatchObject({ outcome: 'retry-later', health: 'retrying', need: null });
    }
  });

  it('is tried a few times once they have none, then a person is asked', async () => {
    world.clock.advance((item()?.expiresAt ?? 0) - world.clock.now());
    const outcomes: string[] = [];
    for (let tries = 0; tries < 5; tries += 1) outcomes.push((await world.refreshWhenDue('crm')).outcome);
    expect(outcomes).toEqual([...Array<string>(4).fill('retry-later'), 'misconfigured']);
  });
});

describe('an error that nobody foresaw', () => {
  it('ends the refresh, and is logged by its name alone', async () => {
    await refreshed();
    failWhen(isExchange, () => new TypeError(canarySecret('unforeseen')));
    expect(await world.refreshWhenDue('crm')).toMatchObject({
      outcome: 'retry-later',
      error: { code: 'unexpected_error' },
    });
    expect(errors()).toEqual([expect.stringMatching(/TypeError.* \{"connection":"crm"\}$/)]);
    assertNoCanary(JSON.stringify([world.logged, world.events, item()]), 'what the world sees');
  });

  it('is not what a provider or a store says', async () => {
    await refreshed();
    failWhen(({ method }) => method === 'prove', denied);
    await world.refreshWhenDue('crm');
    expect(errors()).toEqual([]);
  });
});

describe('a provider that this version does not know', () => {
  it('is asked for nothing, though its URL is declared', async () => {
    await world.connect('crm', { grants: ['client_credentials'], provider: 'gone' });
    const result = await world.refresh('crm');
    expect(result).toMatchObject({ outcome: 'misconfigured', error: { code: 'invalid_connection' } });
    expect(result.error?.message).toContain('"gone"');
    expect(world.provider.exchanges).toEqual([]);
  });
});
