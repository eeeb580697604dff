import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import { refreshDue } from '../../../functions/refresh/refresh-due.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';

let world: RefreshWorld;
const CLIENT = { grants: ['client_credentials'] };

beforeEach(() => {
  world = new RefreshWorld();
});

const tick = (ports = world.ports(), functionEndsAt = world.clock.now() + 300_000) =>
  world.clock.run(() => refreshDue({ functionEndsAt }, ports));

async function fleet(size: number, connection: object = CLIENT) {
  for (let index = 0; index < size; index += 1) await world.connect(`c${index}`, connection);
}

describe('a tick', () => {
  it('refreshes what is due and leaves the rest alone', async () => {
    await fleet(3);
    expect(await tick()).toMatchObject({ skipped: false, due: 3, left: 0 });
    expect(await tick()).toMatchObject({ due: 0, results: [] });
    expect(world.provider.exchanges).toHaveLength(3);
  });

  it('does nothing while another tick is running, and runs when that one has died', async () => {
    await fleet(1);
    await world.state.leaseTick('other', world.clock.now(), world.clock.now() + 90_000);
    expect((await tick()).skipped).toBe(true);
    world.clock.advance(90_000);
    expect((await tick()).skipped).toBe(false);
  });

  it('keeps its lease for as long as it works', async () => {
    await fleet(1);
    let stolen: boolean | undefined;
    world.intercept = async (call, effect) => {
      if (call.method === 'exchange') {
        await world.clock.sleep(100_000);
        stolen = await world.state.leaseTick('thief', world.clock.now(), world.clock.now() + 1);
      }
      return effect();
    };
    await tick();
    expect(stolen).toBe(false);
  });

  it('starts nothing that it could not end, and says how much it left', async () => {
    await fleet(3);
    const result = await tick(world.ports(), world.clock.now() + 74_999);
    expect(result).toMatchObject({ due: 3, left: 3, results: [] });
    expect(world.provider.exchanges).toHaveLength(0);
  });

  it('goes on with other connections when one cannot even be resolved', async () => {
    await fleet(1);
    await world.state.register('odd', { provider: 'gone', credentials: 'client' }, world.clock.now());
    const { results } = await tick();
    expect(Object.fromEntries(results.map(({ connection, outcome }) => [connection, outcome]))).toEqual({
      c0: 'refreshed',
      odd: 'misconfigured',
    });
  });

  it('goes on with other connections when the state table fails for one', async () => {
    await fleet(3);
    world.intercept = async (call, effect) => {
      if (call.method === 'lease' && call.connection === 'c1') throw new Error('boom');
      return effect();
    };
    const { results } = await tick();
    expect(results.map(({ connection }) => connection).sort()).toEqual(['c0', 'c2']);
  });

  it('has at most 8 refreshes under way at one origin', async () => {
    await fleet(40);
    let underWay = 0;
    let most = 0;
    world.intercept = async (call, effect) => {
      if (call.method !== 'exchange') return effect();
      underWay += 1;
      most = Math.max(most, underWay);
      await world.clock.sleep(100);
      underWay -= 1;
      return effect();
    };
    await tick();
    expect(most).toBe(8);
    expect(world.provider.exchanges).toHaveLength(40);
  });
});

describe('an origin that cannot be reached', () => {
  const unreachable = () => new TokenError('never-sent', 'connect_refused', 'the connection was refused');

  it('is probed by one connection a tick, and all follow at once when it answers', async () => {
    await fleet(20);
    let down = true;
    let tries = 0;
    world.intercept = async (call, effect) => {
      if (call.method !== 'exchange') return effect();
      tries += 1;
      if (down) throw unreachable();
      return effect();
    };
    await tick();
    expect(tries).toBeLessThanOrEqual(8);
    for (let minute = 0; minute < 5; minute += 1) {
      tries = 0;
      world.clock.advance(60_000);
      await tick();
      expect(tries).toBe(1);
    }
    down = false;
    world.clock.advance(60_000);
    await tick();
    world.clock.advance(60_000);
    await tick();
    expect([...world.state.items.values()].every(({ lastOutcome }) => lastOutcome === 'refreshed')).toBe(
      true,
    );
  });

  it('does not hold up connections at another origin', async () => {
    await fleet(3);
    await world.connect('other', { ...CLIENT, tokenUrl: 'https://other.example.com/token' });
    const ports = world.ports();
    const exchange = ports.tokenEndpoint.exchange;
    ports.tokenEndpoint.exchange = async (input) => {
      if (input.tokenUrl.includes('idp.')) throw unreachable();
      return exchange(input);
    };
    for (let minute = 0; minute < 3; minute += 1) {
      await tick(ports);
      world.clock.advance(60_000);
    }
    expect(world.state.items.get('other')?.lastOutcome).toBe('refreshed');
  });
});

describe('a connection that alone makes its provider stumble', () => {
  it('does not keep the others from being refreshed', async () => {
    await fleet(10);
    const ports = world.ports();
    const endpoint = ports.tokenEndpoint.exchange;
    await world.connect('odd', { ...CLIENT, scope: 'odd' });
    ports.tokenEndpoint.exchange = async (input) => {
      if (input.scope === 'odd')
        throw new TokenError('unanswered', 'http_500', 'internal error', { status: 500 });
      return endpoint(input);
    };
    for (let minute = 0; minute < 180; minute += 1) {
      await tick(ports);
      const expired = [...world.state.items.values()].filter(
        ({ name, expiresAt }) => name !== 'odd' && (expiresAt ?? 0) <= world.clock.now(),
      );
      expect(expired).toEqual([]);
      world.clock.advance(60_000);
    }
  });
});

describe('a client that is throttled', () => {
  it('is left alone for as long as Retry-After says, with every connection that shares it', async () => {
    await fleet(5);
    let tries = 0;
    world.intercept = async (call, effect) => {
      if (call.method !== 'exchange') return effect();
      tries += 1;
      throw new TokenError('throttled', 'http_429', 'slow down', { status: 429, retryAfterMs: 300_000 });
    };
    await tick();
    const first = tries;
    expect(first).toBeGreaterThan(0);
    for (let minute = 1; minute < 5; minute += 1) {
      world.clock.advance(60_000);
      await tick();
    }
    expect(tries).toBe(first);
    world.clock.advance(60_000);
    await tick();
    expect(tries).toBe(first + 1);
  });
});
