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

  it('stay in the secret where a refresh token rotates, and are slowed', async () => {
    await world.connect('crm');
    world.storeRefreshToken('crm');
    await world.refreshWhenDue('crm');
    expect(placesOf()).toEqual(['secret']);
    expect(state()?.stretched).toBe(true);
    expect(moves()).toBe(0);
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
