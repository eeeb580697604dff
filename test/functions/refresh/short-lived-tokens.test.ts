import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { refreshConnection } from '../../../functions/refresh/refresh-connection.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';

const SECOND = 1000;
let world: RefreshWorld;

const CLIENT_CREDENTIALS = { grants: ['client_credentials'] };
const moves = () => world.events.filter(({ detailType }) => detailType === 'Token Moved').length;
const placesOf = () => world.published.get('crm')?.map(({ place }) => place);
const state = () => world.state.items.get('crm');

beforeEach(() => {
  world = new RefreshWorld();
  world.provider.lifetimeSeconds = () => 300;
});

describe('tokens that live five minutes', () => {
  it('are moved out of the secret once, with an event, and refreshed as often as they ask for', async () => {
    await world.connect('crm', CLIENT_CREDENTIALS);
    let expired = 0;
    for (let refreshes = 0; refreshes < 500; refreshes += 1) {
      const { outcome } = await world.refreshWhenDue('crm');
      expect(outcome).toBe('refreshed');
      if ((state()?.expiresAt ?? 0) <= world.clock.now()) expired += 1;
      expect((state()?.dueAt ?? 0) - world.clock.now()).toBeLessThan(300 * SECOND);
    }
    expect([expired, moves()]).toEqual([0, 1]);
    expect(state()).toMatchObject({ publishedTo: 'parameter' });
    expect(state()).not.toHaveProperty('stretched');
    expect(Object.values(state()?.tokenWritesByHour ?? {})).toEqual([1]);
  });

  it('go back to the secret when a person says so, and are slowed to what it bears', async () => {
    await world.connect('crm', CLIENT_CREDENTIALS);
    await world.refreshWhenDue('crm');
    await world.connect('crm', { ...CLIENT_CREDENTIALS, publishTo: 'secret' });
    await world.refreshWhenDue('crm');
    expect(placesOf()).toEqual(['parameter', 'secret']);
    expect(moves()).toBe(2);
    expect(state()).not.toHaveProperty('publishedTo');
    expect(state()?.stretched).toBe(true);
  });

  it('are moved again by the next refresh when the process died before it could say so', async () => {
    await world.connect('crm', CLIENT_CREDENTIALS);
    world.intercept = async ({ method }, effect) => {
      if (method === 'commit') throw new Error('killed');
      return effect();
    };
    await expect(world.refresh('crm')).rejects.toThrow('killed');
    world.intercept = (_, effect) => effect();
    world.clock.advance(3 * 60 * SECOND);
    expect((await world.refresh('crm')).outcome).toBe('refreshed');
    const isMove = world.published.get('crm')?.map((each) => each.isMove);
    expect(isMove).toEqual([true, true]);
  });
});

describe('a provider that gives another token late, which nobody said', () => {
  /** Requests in vain in each of the lifetimes that follow, and reads of an expired token. */
  async function follow(lifetimes: number): Promise<{ inVain: number[]; expired: number }> {
    const inVain: number[] = [];
    let expired = 0;
    for (let lifetime = 0; lifetime < lifetimes; lifetime += 1) {
      const before = world.latestToken('crm')?.token.access_token.reveal();
      let tries = -1;
      while (world.latestToken('crm')?.token.access_token.reveal() === before) {
        await world.refreshWhenDue('crm');
        tries += 1;
        if ((state()?.expiresAt ?? 0) <= world.clock.now()) expired += 1;
      }
      inVain.push(tries);
    }
    return { inVain, expired };
  }

  it.each([
    ['says that it is too early', (at: number) => (world.provider.earliestMs = () => at)],
    ['gives the same one again', (at: number) => (world.provider.stickyUntilMs = () => at)],
  ])('and %s, is asked in vain for some lifetimes, and no more', async (_, until) => {
    for (const [lifetime, earliest] of [
      [300, 60],
      [300, 30],
      [3600, 300],
    ] as const) {
      world = new RefreshWorld();
      world.provider.lifetimeSeconds = () => lifetime;
      until(earliest * SECOND);
      await world.connect('crm', CLIENT_CREDENTIALS);
      await world.refreshWhenDue('crm');
      const first = await follow(6);
      const later = await follow(20);
      expect(Math.max(...first.inVain)).toBeGreaterThan(0);
      // The first one is asked from its beginning on, for the fleet's sake.
      expect(first.inVain[0]).toBeLessThanOrEqual(4);
      expect(Math.max(...first.inVain.slice(1))).toBeLessThanOrEqual(2);
      expect(first.expired + later.expired).toBe(0);
      expect(later.inVain).toEqual(Array.from({ length: 20 }, () => 0));
      expect(state()?.earliestMs).toBeLessThanOrEqual(earliest * SECOND);
      expect(state()?.earliestMs).toBeGreaterThan((earliest - 10) * SECOND);
    }
  });
});

describe('a refresh token that rotates every few minutes', () => {
  const DAYS = 3;
  /** How many secrets hold it in turn. */
  const members = () =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter(
      (member) => world.secrets.versions(`refresh-tokens/crm${member ? `@${member}` : ''}`).length > 0,
    ).length;

  it('goes round in secrets of which each is written as often as it bears, for days', async () => {
    await world.connect('crm');
    world.storeRefreshToken('crm');
    const endsAt = world.clock.now() + DAYS * 24 * 3600 * SECOND;
    let refreshes = 0;
    let expired = 0;
    while (world.clock.now() < endsAt) {
      const { outcome, error } = await world.refreshWhenDue('crm');
      expect([outcome, error?.code]).toEqual(['refreshed', undefined]);
      if ((state()?.expiresAt ?? 0) <= world.clock.now()) expired += 1;
      refreshes += 1;
    }
    expect([expired, moves()]).toEqual([0, 1]);
    expect(refreshes).toBeGreaterThan(DAYS * 600);
    expect(world.provider.isAlive(world.storedRefreshToken('crm') ?? '')).toBe(true);
    expect(members()).toBe(8);
    expect(state()).not.toHaveProperty('stretched');
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('asks for no more secrets than its writes need, and for none where the token lives long', async () => {
    await world.connect('crm', { publishTo: 'parameter' });
    world.storeRefreshToken('crm');
    world.provider.lifetimeSeconds = () => 900;
    for (let refreshes = 0; refreshes < 400; refreshes += 1) await world.refreshWhenDue('crm');
    expect(members()).toBe(3);
    world.provider.lifetimeSeconds = () => 3600;
    await world.connect('other', { publishTo: 'parameter' });
    world.storeRefreshToken('other');
    for (let refreshes = 0; refreshes < 100; refreshes += 1) await world.refreshWhenDue('other');
    expect(world.secrets.versions('refresh-tokens/other@1')).toEqual([]);
  });

  it('is found by a state that was lost, in whichever secret it lies', async () => {
    await world.connect('crm');
    world.storeRefreshToken('crm');
    for (let refreshes = 0; refreshes < 900; refreshes += 1) {
      expect((await world.refreshWhenDue('crm')).outcome).toBe('refreshed');
      if (refreshes !== 205 && refreshes !== 700) continue;
      world.clock.advance(SECOND);
      world.state.items.delete('crm');
      await world.connect('crm');
    }
    expect(world.provider.isAlive(world.storedRefreshToken('crm') ?? '')).toBe(true);
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('gives way to one that a person stores, in the secret that they know', async () => {
    await world.connect('crm');
    world.storeRefreshToken('crm');
    for (let refreshes = 0; refreshes < 200; refreshes += 1) await world.refreshWhenDue('crm');
    const brought = world.provider.authorize();
    world.clock.advance(SECOND);
    world.storeRefreshToken('crm', brought);
    for (let refreshes = 0; refreshes < 200; refreshes += 1) await world.refreshWhenDue('crm');
    const stored = world.storedRefreshToken('crm') ?? '';
    expect(world.provider.familyOf(stored)).toBe(world.provider.familyOf(brought));
    expect(members()).toBeGreaterThan(3);
  });

  it('stays in the secrets that there are where another cannot be made, and is refreshed as they bear', async () => {
    await world.connect('crm');
    world.storeRefreshToken('crm');
    world.intercept = async ({ method }, effect) => {
      if (method === 'extend') throw new StoreError('denied', 'AccessDeniedException', 'CreateSecret: no');
      return effect();
    };
    const outcomes = new Map<string, number>();
    for (let refreshes = 0; refreshes < 120; refreshes += 1) {
      const { outcome, error } = await world.refreshWhenDue('crm');
      const key = error?.code ?? outcome;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    }
    expect([...outcomes.keys()].sort()).toEqual(['refreshed', 'version_quota']);
    expect(world.logged.join('\n')).toContain('a further secret for the refresh token could not be made');
    expect(world.provider.isAlive(world.storedRefreshToken('crm') ?? '')).toBe(true);
  });
});

describe('a wake-up finer than the tick', () => {
  it('is asked for where the token lives too short for its secret, for the moment at which it is due', async () => {
    await world.connect('crm', CLIENT_CREDENTIALS);
    await world.refreshWhenDue('crm');
    await world.refreshWhenDue('crm');
    expect(world.wakeUps.at(-1)).toEqual({ name: 'crm', dueAt: state()?.dueAt });
    expect(world.wakeUps).toHaveLength(2);
  });

  it('is asked for the sake of the token, while notices wait to be told of', async () => {
    await world.connect('crm', CLIENT_CREDENTIALS);
    world.provider.lifetimeSeconds = () => 3600;
    await world.refreshWhenDue('crm');
    world.provider.lifetimeSeconds = () => 300;
    world.intercept = async ({ method }, effect) => {
      // Nobody confirms that the failure, and its end, were told of.
      if (method === 'told') throw new StoreError('transient', 'ThrottlingException', 'slow down');
      return effect();
    };
    world.provider.clientSecret = 'another';
    await world.refreshWhenDue('crm');
    world.storeCredentials('another');
    world.clock.advance(3600 * SECOND);
    await world.refreshWhenDue('crm');
    expect(state()?.dueAfterTold).toBeGreaterThan(state()?.dueAt ?? Infinity);
    expect(world.wakeUps.at(-1)?.dueAt).toBe(state()?.dueAfterTold);
  });

  it('is asked for after a failure too', async () => {
    await world.connect('crm', CLIENT_CREDENTIALS);
    await world.refreshWhenDue('crm');
    world.intercept = async ({ method }, effect) => {
      if (method === 'exchange') throw new TokenError('never-sent', 'connect_timeout', 'no');
      return effect();
    };
    expect((await world.refreshWhenDue('crm')).outcome).toBe('retry-later');
    expect(world.wakeUps.at(-1)?.dueAt).toBe(state()?.dueAt);
  });

  it('costs nobody else a call', async () => {
    world.provider.lifetimeSeconds = () => 3600;
    await world.connect('crm', CLIENT_CREDENTIALS);
    await world.refreshWhenDue('crm');
    expect(world.wakeUps).toEqual([]);
  });

  it('that cannot be sent costs no refresh: the tick comes all the same', async () => {
    await world.connect('crm', CLIENT_CREDENTIALS);
    const ports = world.ports();
    const wakeUps = {
      at: async () => {
        throw new StoreError('transient', 'ThrottlingException', 'SendMessage: slow down');
      },
    };
    const request = { name: 'crm', force: false, requestedAt: world.clock.now() };
    const functionEndsAt = world.clock.now() + 300 * SECOND;
    const result = await refreshConnection({ ...request, functionEndsAt }, { ...ports, wakeUps });
    expect(result.outcome).toBe('refreshed');
    expect(world.logged.join('\n')).toContain('a wake-up could not be sent');
  });
});
