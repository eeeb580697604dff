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

  it('quirk 72: has at most 8 refreshes under way at one origin', async () => {
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

describe('a slow origin', () => {
  const SLOW = 'https://slow.example.com/token';

  /** 200 connections at an origin that answers slowly, and one elsewhere that is due 5 s later. */
  async function oneElsewhere(connection: object, slowMs = 9_000): Promise<number> {
    for (let index = 0; index < 200; index += 1) {
      await world.connect(`slow-${index}`, { ...connection, tokenUrl: SLOW });
      world.storeRefreshToken(`slow-${index}`);
    }
    await world.connect('other', connection);
    world.storeRefreshToken('other');
    const dueAt = world.clock.now() + 5_000;
    await world.state.postpone('other', dueAt);
    let refreshedAt = Number.POSITIVE_INFINITY;
    world.intercept = async (call, effect) => {
      if (call.method === 'exchange' && call.input?.tokenUrl === SLOW) await world.clock.sleep(slowMs);
      if (call.method === 'publish' && world.latestToken('other') === undefined) {
        const answer = await effect();
        if (world.latestToken('other')) refreshedAt = world.clock.now();
        return answer;
      }
      return effect();
    };
    await tick();
    return refreshedAt - dueAt;
  }

  it('does not make a connection elsewhere wait that falls due during the tick', async () => {
    expect(await oneElsewhere(CLIENT)).toBeLessThanOrEqual(10_000);
  });

  it('does not either where all of them spend a refresh token', async () => {
    expect(await oneElsewhere({ grants: ['refresh_token'] }, 14_000)).toBeLessThanOrEqual(10_000);
    expect(world.provider.doubleSpends).toEqual([]);
  });
});

describe('a tick that is killed', () => {
  const NEVER = new Promise<never>(() => undefined);

  /** A process that is killed at an instant of the virtual clock: nothing of it goes on. */
  function process(killedAt = Number.POSITIVE_INFINITY) {
    const isDead = () => world.clock.now() >= killedAt;
    return world.ports({
      clock: {
        now: () => world.clock.now(),
        sleep: async (ms, signal) => {
          await world.clock.sleep(ms, signal);
          if (isDead()) await NEVER;
        },
      },
      intercept: async (call, effect) => {
        if (isDead()) return NEVER;
        const answer = await world.intercept(call, effect);
        return isDead() ? NEVER : answer;
      },
    });
  }

  it('holds up the next by one tick at most', async () => {
    await fleet(3);
    const start = world.clock.now();
    world.intercept = async (call, effect) => {
      if (call.method === 'exchange' && world.clock.now() < start + 10_000) await world.clock.sleep(20_000);
      return effect();
    };
    await world.clock.run(async () => {
      void refreshDue({ functionEndsAt: start + 300_000 }, process(start + 1_000));
      await world.clock.sleep(60_000);
      expect((await refreshDue({ functionEndsAt: start + 360_000 }, process())).skipped).toBe(false);
    });
  });

  it('leaves nobody later than two ticks, and those whose refresh was cut off than four, beside a slow origin', async () => {
    const slow = 'https://slow.example.com/token';
    for (let index = 0; index < 60; index += 1) {
      await world.connect(`slow-${index}`, { ...CLIENT, tokenUrl: slow });
      await world.connect(`fast-${index}`, CLIENT);
    }
    const cutOff = new Set<string>();
    const lateness: number[] = [];
    const latenessOfCutOff: number[] = [];
    world.intercept = async (call, effect) => {
      if (call.method !== 'exchange' && call.method !== 'lease') return effect();
      if (call.input?.tokenUrl === slow) await world.clock.sleep(9_000);
      if (call.method === 'exchange') await world.clock.sleep(300);
      return effect();
    };
    const start = world.clock.now();
    const dueAts = new Map<string, number>();
    await world.clock.run(async () => {
      for (let minute = 0; minute < 360; minute += 1) {
        // One in eight is killed in the midst of its work.
        const killedAt =
          world.random.fraction() < 0.125
            ? world.clock.now() + 50 + world.random.fraction() * 5_000
            : undefined;
        void refreshDue({ functionEndsAt: world.clock.now() + 300_000 }, process(killedAt)).catch(
          () => undefined,
        );
        await world.clock.sleep(60_000);
        for (const { name, dueAt, generation, leaseOwner } of world.state.items.values()) {
          if (!name.startsWith('fast-')) continue;
          if (leaseOwner !== undefined) cutOff.add(name);
          const key = `${name}#${generation}`;
          const before = dueAts.get(`${name}#${generation - 1}`);
          const obtained = world.state.items.get(name)?.obtainedAt ?? 0;
          if (before !== undefined && !dueAts.has(key) && generation > 1) {
            (cutOff.has(name) ? latenessOfCutOff : lateness).push(obtained - before);
            cutOff.delete(name);
          }
          if (!dueAts.has(key)) dueAts.set(key, dueAt);
        }
      }
    });
    expect(world.clock.now() - start).toBe(360 * 60_000);
    expect(lateness.length).toBeGreaterThan(300);
    expect(Math.max(...lateness)).toBeLessThanOrEqual(2 * 60_000);
    expect(latenessOfCutOff.length).toBeGreaterThan(0);
    expect(Math.max(...latenessOfCutOff)).toBeLessThanOrEqual(4 * 60_000);
  }, 20_000);
});
