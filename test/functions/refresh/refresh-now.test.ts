import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { refreshNow, refreshRequested, registerDeclared } from '../../../functions/refresh/refresh-now.ts';
import { REQUEST_BUDGET, RequestGate } from '../../../functions/refresh/request-gate.ts';
import { RefreshWorld, ROTATING } from '../../support/refresh-world.ts';

let world: RefreshWorld;
let declared: Map<string, Connection>;

beforeEach(() => {
  world = new RefreshWorld();
  declared = new Map();
});

const ports = () => ({ ...world.ports(), declared: { get: async (name: string) => declared.get(name) } });
const now = (connections: string[], force = true) =>
  refreshNow({ connections, force, functionEndsAt: world.clock.now() + 300_000 }, ports());

async function rotating(name = 'crm') {
  await world.connect(name);
  world.storeRefreshToken(name);
}

describe('a refresh on demand', () => {
  it('answers "unknown-connection" for a name that nobody declared', async () => {
    const [result] = await world.clock.run(() => now(['typo']));
    expect(result).toMatchObject({ connection: 'typo', outcome: 'unknown-connection' });
    expect(result?.error?.remedy).toContain('connections.json');
  });

  it('registers a declared connection that was not known yet, and refreshes it', async () => {
    declared.set('new', { ...ROTATING, grants: ['client_credentials'] });
    world.storeCredentials(world.provider.clientSecret);
    const [result] = await world.clock.run(() => now(['new'], false));
    expect(result).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
  });

  it('is "fresh" without force while nothing is due', async () => {
    await rotating();
    await world.refresh('crm');
    expect((await world.clock.run(() => now(['crm'], false)))[0]?.outcome).toBe('fresh');
  });

  it('answers each name once, in order', async () => {
    await rotating('a');
    await rotating('b');
    const results = await world.clock.run(() => now(['b', 'a', 'b'], false));
    expect(results.map(({ connection }) => connection)).toEqual(['b', 'a']);
  });

  it.each(['', '../crm', 'crm#1', '/crm'])('reaches for nothing where %j cannot be a name', async (name) => {
    expect(await now([name])).toMatchObject([{ connection: name, outcome: 'unknown-connection' }]);
    expect(world.calls).toEqual([]);
  });

  it('fails with the state table, once all that it began has ended', async () => {
    await rotating('a');
    await rotating('b');
    const error = new StoreError('transient', 'ProvisionedThroughputExceeded', 'later');
    world.intercept = async (call, effect) => {
      if (call.method === 'lease' && call.connection === 'a') throw error;
      if (call.method === 'exchange') await world.clock.sleep(1_000);
      return effect();
    };
    await expect(world.clock.run(() => now(['a', 'b']))).rejects.toBe(error);
    expect(world.state.items.get('b')?.lastOutcome).toBe('refreshed');
  });
});

describe('a declaration', () => {
  it('registers its connection, due now', async () => {
    declared.set('new', ROTATING);
    expect(await registerDeclared('new', ports())).toBe(true);
    expect(world.state.items.get('new')).toMatchObject({ definition: ROTATING, dueAt: world.clock.now() });
  });

  it('registers nothing where there is none', async () => {
    expect(await registerDeclared('typo', ports())).toBe(false);
    expect(world.state.items.size).toBe(0);
  });
});

describe('two forced refreshes started together', () => {
  it('quirk 50: exchange once, and both answer with the same new expiry: 200 times, no family revoked', async () => {
    await rotating();
    await world.refresh('crm');
    world.intercept = async (call, effect) => {
      if (call.method === 'exchange' || call.method === 'put')
        await world.clock.sleep(world.random.fraction() * 3000);
      return effect();
    };
    for (let pair = 0; pair < 200; pair += 1) {
      world.clock.advance(61_000);
      const before = world.state.items.get('crm')?.expiresAt ?? 0;
      const [one, other] = await world.clock.run(async () => {
        const first = now(['crm']);
        await world.clock.sleep(world.random.fraction() * 2000);
        return Promise.all([first, now(['crm'])]);
      });
      const expiries = [one?.[0]?.expiresAt, other?.[0]?.expiresAt].map((at) => Date.parse(at ?? ''));
      expect(expiries[0]).toBe(expiries[1]);
      expect(expiries[0]).toBeGreaterThan(before);
      if (pair % 40 === 39) world.clock.advance(25 * 3_600_000);
    }
    expect(world.provider.doubleSpends).toEqual([]);
    expect(world.provider.exchanges.length).toBe(201);
  });

  it('does not wait for ever for a holder that has died', async () => {
    await rotating();
    await world.state.lease('crm', {
      owner: 'dead',
      now: world.clock.now(),
      endsAt: world.clock.now() + 120_000,
      attempt: 'a',
      force: true,
    });
    const startedAt = world.clock.now();
    expect((await world.clock.run(() => now(['crm'])))[0]?.outcome).toBe('busy');
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(20_250);
  });

  it('refreshes once more when the holder’s token is older than the request', async () => {
    await rotating();
    await world.refresh('crm');
    world.clock.advance(61_000);
    const holder = {
      owner: 'x',
      now: world.clock.now(),
      endsAt: world.clock.now() + 120_000,
      attempt: 'a',
      force: true,
    };
    await world.state.lease('crm', holder);
    const [result] = await world.clock.run(async () => {
      const asked = now(['crm']);
      await world.clock.sleep(5_000);
      await world.state.commit('crm', 'x', { attempt: null });
      return asked;
    });
    expect(result?.outcome).toBe('refreshed');
  });
});

describe('what an event asks for', () => {
  const origin = { account: '111122223333', source: 'my.app' };
  const requested = (connections: string[], force = true, requests = new RequestGate()) =>
    world.clock.run(() =>
      refreshRequested(
        { connections, force, origin, functionEndsAt: world.clock.now() + 300_000 },
        { ...ports(), requests },
      ),
    );
  const refused = async () => (await world.state.refusedRequest())?.reason;

  it('is refreshed like what anybody asks for', async () => {
    await rotating();
    expect(await requested(['crm'])).toMatchObject([{ connection: 'crm', outcome: 'refreshed' }]);
    expect(await refused()).toBeUndefined();
  });

  it('makes nobody look for what is not registered, though it were declared', async () => {
    declared.set('new', { ...ROTATING, grants: ['client_credentials'] });
    let looks = 0;
    const counting = {
      get: async () => {
        looks += 1;
      },
    };
    const names = Array.from({ length: 100 }, (_, index) => `nobody-${index}`);
    const request = { connections: ['new', ...names], force: true, origin, functionEndsAt: 1e15 };
    const results = await refreshRequested(request, {
      ...ports(),
      declared: counting as never,
      requests: new RequestGate(),
    });
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['unknown-connection']));
    expect(looks).toBe(0);
    expect(await refused()).toBe('unknown-connection');
  });

  it('does not wait for another refresh unless it insists on a new token', async () => {
    await rotating();
    const now = world.clock.now();
    await world.state.lease('crm', { owner: 'x', now, endsAt: now + 120_000, attempt: 'a', force: true });
    expect(await requested(['crm'], false)).toMatchObject([{ outcome: 'busy' }]);
    expect(world.clock.now()).toBe(now);
    await requested(['crm'], true);
    expect(world.clock.now()).toBeGreaterThan(now);
  });

  it('exchanges no more in a flood than the gap between forced refreshes lets it', async () => {
    await rotating();
    await world.refresh('crm');
    const startedAt = world.clock.now();
    const before = world.provider.exchanges.length;
    for (let events = 0; events < 500; events += 1) {
      await requested(['crm']);
      world.clock.advance(1_000);
    }
    const minutes = (world.clock.now() - startedAt) / 60_000;
    expect(world.provider.exchanges.length - before).toBeLessThanOrEqual(Math.ceil(minutes));
    expect(world.provider.doubleSpends).toEqual([]);
  });

  it('is refused when it would use up the versions that scheduled refreshes need', async () => {
    await rotating();
    await world.refresh('crm');
    for (let times = 0; times < 90; times += 1) {
      world.clock.advance(61_000);
      await requested(['crm']);
    }
    expect(await refused()).toBe('forced-too-often');
  });

  it.each([
    ['is unknown', 'typo', 'unknown-connection'],
    ['is asked for too often', 'crm', 'forced-too-often'],
  ])('is told of as refused where one of several %s', async (_, name, reason) => {
    await rotating();
    const hour = Math.floor(world.clock.now() / 3_600_000);
    const state = world.state.items.get('crm');
    if (state) world.state.items.set('crm', { ...state, writesByHour: { [hour]: 90 } });
    await rotating('other');
    expect(await requested(['other', name])).toHaveLength(2);
    expect(await refused()).toBe(reason);
    expect(world.state.items.get('other')?.lastOutcome).toBe('refreshed');
  });

  it('is not even looked at once the budget of all events is used up', async () => {
    await rotating();
    const requests = new RequestGate();
    const half = Array.from({ length: REQUEST_BUDGET.names / 2 }, (_, index) => `nobody-${index}`);
    await requested(half, true, requests);
    await requested(half, true, requests);
    expect(await requested(['crm'], true, requests)).toEqual([]);
    expect(await refused()).toBe('too-many-requests');
    expect(world.provider.exchanges).toEqual([]);
    world.clock.advance(REQUEST_BUDGET.windowMs);
    expect(await requested(['crm'], true, requests)).toMatchObject([{ outcome: 'refreshed' }]);
  });
});
