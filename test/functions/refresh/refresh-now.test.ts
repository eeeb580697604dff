import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { refreshNow } from '../../../functions/refresh/refresh-now.ts';
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
});

describe('two forced refreshes started together', () => {
  it('exchange once, and both answer with the same new expiry: 200 times, no family revoked', async () => {
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
