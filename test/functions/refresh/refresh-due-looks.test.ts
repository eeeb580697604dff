import { beforeEach, describe, expect, it } from 'vitest';
import type { DueConnection } from '../../../functions/refresh/ports/state-table.ts';
import { StoreError } from '../../../functions/refresh/ports/stores.ts';
import { refreshDue } from '../../../functions/refresh/refresh-due.ts';
import { canarySecret } from '../../support/canary.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';

const SECOND = 1000;
const CLIENT = { grants: ['client_credentials'] };

let world: RefreshWorld;
let startedAt: number;

beforeEach(() => {
  world = new RefreshWorld();
  startedAt = world.clock.now();
});

const tick = (ports = world.ports(), functionEndsAt = startedAt + 300 * SECOND) =>
  world.clock.run(() => refreshDue({ functionEndsAt }, ports));

/** Connections that are due so many seconds after the start of the tick. */
async function due(dueSeconds: Record<string, number>) {
  for (const [name, seconds] of Object.entries(dueSeconds)) {
    await world.connect(name, CLIENT);
    await world.state.postpone(name, startedAt + seconds * SECOND);
  }
}

/** Each exchange takes so many seconds. */
function slow(seconds: number) {
  world.intercept = async ({ method }, effect) => {
    if (method === 'exchange') await world.clock.sleep(seconds * SECOND);
    return effect();
  };
}

const names = ({ results }: { results: readonly { connection: string }[] }) =>
  results.map(({ connection }) => connection).sort();

describe('a tick that looks for what is due', () => {
  it('counts for operators what was due when it began', async () => {
    await due({ a: 0, b: 0, later: 5 });
    slow(10);
    const gauges: unknown[] = [];
    const { metrics, ...ports } = world.ports();
    const gauge = (...noted: unknown[]) => void gauges.push(noted);
    await tick({ ...ports, metrics: { ...metrics, gauge } });
    expect(gauges).toContainEqual(['ConnectionsDue', 2]);
  });

  it('ends with its last refresh', async () => {
    await due({ a: 0, b: 0 });
    slow(2);
    await tick();
    expect(world.clock.now()).toBe(startedAt + 2 * SECOND);
  });

  it('asks every six seconds while it is at work for what has become due since it asked last', async () => {
    await due({ a: 0, b: 7, 'for the next tick': 25 });
    slow(14);
    const asked: (readonly [number, number | undefined])[] = [];
    const { due: dueNow } = world.state;
    world.state.due = (now, options) => {
      asked.push([now, options?.after]);
      return dueNow.call(world.state, now, options);
    };
    expect(names(await tick())).toEqual(['a', 'b']);
    const looks = [0, 6, 12, 18, 24].map((seconds) => startedAt + seconds * SECOND);
    expect(asked).toEqual(looks.map((look, index) => [look, looks[index - 1]]));
  });

  it('exchanges nothing for a connection that only a lagging index takes for due', async () => {
    await due({ a: 60 });
    const { definition } = world.state.items.get('a') as unknown as DueConnection;
    world.state.due = async function* () {
      yield { name: 'a', dueAt: startedAt, definition };
    };
    expect((await tick()).results).toMatchObject([{ connection: 'a', outcome: 'fresh' }]);
    expect(world.provider.exchanges).toEqual([]);
  });
});

describe('a tick with much at work', () => {
  it.each([
    [128, 6],
    [129, 60],
  ])('looks further, of %i, from the second %i on', async (count, seconds) => {
    for (let index = 0; index < count; index += 1) {
      await world.connect(`c${index}`, { ...CLIENT, tokenUrl: `https://idp-${index}.example.com/token` });
    }
    await due({ late: 3 });
    slow(62);
    const looks: number[] = [];
    const ports = world.ports();
    const state = Object.create(ports.state, {
      due: {
        value: (now: number, options: object) => {
          looks.push((now - startedAt) / SECOND);
          return ports.state.due(now, options);
        },
      },
    });
    await tick({ ...ports, state });
    expect(looks.slice(0, 2)).toEqual([0, seconds]);
    expect((await world.state.get('late'))?.generation).toBe(1);
  });
});

describe('ticks that have more to do than they have time for', () => {
  const exchangedAt: number[] = [];
  const nextIsFree = () => world.state.leaseTick('next', world.clock.now(), world.clock.now() + 1);

  beforeEach(() => {
    exchangedAt.length = 0;
  });

  it('follow on each other without a pause', async () => {
    for (let index = 0; index < 160; index += 1) await world.connect(`c${index}`, CLIENT);
    world.intercept = async ({ method }, effect) => {
      if (method !== 'exchange') return effect();
      exchangedAt.push((world.clock.now() - startedAt) / SECOND);
      await world.clock.sleep(2 * SECOND);
      return effect();
    };
    const ticks = await world.clock.run(() =>
      Promise.all(
        [0, 20].map(async (seconds) => {
          await world.clock.sleep(seconds * SECOND);
          return refreshDue({ functionEndsAt: world.clock.now() + 100 * SECOND }, world.ports());
        }),
      ),
    );
    expect(ticks.map(({ left }) => left)).toEqual([160 - 13 * 8, 0]);
    // Eight at once at one origin, every two seconds.
    const pauses = exchangedAt.map((at, index) => at - (exchangedAt[index - 1] ?? 0));
    expect(Math.max(...pauses)).toBeLessThan(2.5);
    const refreshed = ticks.flatMap(({ results }) =>
      results.filter(({ outcome }) => outcome === 'refreshed'),
    );
    expect(new Set(names({ results: refreshed })).size).toBe(160);
  });

  it.each([
    [8, 10, [true, true, true]],
    [9, 10, [false, true, true]],
    [9, 60, [false, false, true]],
  ])(
    'with %i under way for %i s more hand over when few are left, or when the next one comes',
    async (count, seconds, isFree) => {
      await due({ first: 0 });
      for (let index = 0; index < count; index += 1) {
        await world.connect(`c${index}`, { ...CLIENT, tokenUrl: `https://idp-${index}.example.com/token` });
        await world.state.postpone(`c${index}`, startedAt + 23 * SECOND);
      }
      world.intercept = async ({ method, input }, effect) => {
        const isLast = /idp-/.test(String(input?.tokenUrl));
        if (method === 'exchange') await world.clock.sleep((isLast ? seconds : 24.5) * SECOND);
        return effect();
      };
      const found: boolean[] = [];
      await world.clock.run(async () => {
        const ticking = refreshDue({ functionEndsAt: startedAt + 100 * SECOND }, world.ports());
        for (const at of [26, 35, 38.5]) {
          await world.clock.sleep(startedAt + at * SECOND - world.clock.now());
          found.push(await nextIsFree());
        }
        await ticking;
      });
      expect(found).toEqual(isFree);
    },
  );
});

describe('a tick without time', () => {
  it('says that it did nothing while another is running', async () => {
    await due({ a: 0 });
    await world.state.leaseTick('other', startedAt, startedAt + SECOND);
    expect(await tick()).toEqual({ skipped: true, due: 0, left: 0, results: [] });
  });

  it('begins what it can just end', async () => {
    await due({ a: 0 });
    expect(await tick(world.ports(), startedAt + 75 * SECOND)).toMatchObject({ left: 0 });
    expect(world.provider.exchanges).toHaveLength(1);
  });

  it('ends what it has begun, takes up nothing else and lets the next one begin', async () => {
    await due({ a: 0, late: 20, 'too late': 27 });
    slow(60);
    const ports = world.ports();
    const [result, ...isFree] = await world.clock.run(async () => {
      const ticking = refreshDue({ functionEndsAt: startedAt + 100 * SECOND }, ports);
      await world.clock.sleep(24 * SECOND);
      const before = await world.state.leaseTick('next', world.clock.now(), Number.MAX_SAFE_INTEGER);
      await world.clock.sleep(7 * SECOND);
      const after = await world.state.leaseTick('next', world.clock.now(), Number.MAX_SAFE_INTEGER);
      return [await ticking, before, after] as const;
    });
    expect(isFree).toEqual([false, true]);
    expect(names(result)).toEqual(['a', 'late']);
  });
});

describe('a connection that a tick cannot handle', () => {
  it.each<[string, Error]>([
    ['ProvisionedThroughputExceeded', new StoreError('transient', 'ProvisionedThroughputExceeded', 'later')],
    ['TypeError', new TypeError(canarySecret('unforeseen'))],
  ])('is told of by %s, and nothing else of it', async (code, error) => {
    await due({ a: 0, b: 0 });
    world.intercept = async (call, effect) => {
      if (call.method === 'lease' && call.connection === 'a') throw error;
      return effect();
    };
    expect(names(await tick())).toEqual(['b']);
    const errors = world.logged.filter((line) => line.startsWith('error'));
    expect(errors).toEqual([expect.stringContaining(JSON.stringify({ connection: 'a', code }))]);
    expect(errors[0]).not.toContain(error.message);
  });
});

describe('refresh tokens that are due at once', () => {
  /** Of which each is at an origin of its own. */
  async function rotating(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await world.connect(`c${index}`, { tokenUrl: `https://idp-${index}.example.com/token` });
      world.storeRefreshToken(`c${index}`);
    }
  }

  it('are not begun before it is nearly their turn to be spent: a lease that waits for it would run out', async () => {
    await rotating(60);
    slow(10);
    const { results } = await tick();
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(60).fill('refreshed'));
  });

  it('are left for the next tick, where this one has no time for their turn', async () => {
    await rotating(60);
    slow(4);
    const { results, left } = await tick(world.ports(), startedAt + 100 * SECOND);
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(results.length).fill('refreshed'));
    expect(left).toBe(60 - results.length);
  });

  it('leave others their share of an origin, and it no more than that', async () => {
    let underWay = 0;
    let most = 0;
    for (let index = 0; index < 40; index += 1) {
      await world.connect(`c${index}`, index % 2 === 0 ? CLIENT : {});
      world.storeRefreshToken(`c${index}`);
    }
    world.intercept = async ({ method }, effect) => {
      if (method === 'lease') most = Math.max(most, ++underWay);
      if (method === 'exchange') await world.clock.sleep(SECOND);
      if (method === 'commit') underWay -= 1;
      return effect();
    };
    const { results } = await tick();
    expect(results.filter(({ outcome }) => outcome === 'refreshed')).toHaveLength(40);
    expect(most).toBe(8);
  });
});
