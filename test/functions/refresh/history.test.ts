import { beforeEach, describe, expect, it } from 'vitest';
import { TokenError } from '../../../functions/oauth/token-error.ts';
import { refreshDue } from '../../../functions/refresh/refresh-due.ts';
import { refreshNow } from '../../../functions/refresh/refresh-now.ts';
import { RefreshWorld } from '../../support/refresh-world.ts';
import { HOUR, MINUTE, SECOND } from './state-of.ts';

let world: RefreshWorld;
const CLIENT = { grants: ['client_credentials'] };

beforeEach(async () => {
  world = new RefreshWorld();
  await world.connect('crm', CLIENT);
});

const tick = () =>
  world.clock.run(() => refreshDue({ functionEndsAt: world.clock.now() + 5 * MINUTE }, world.ports()));
const history = () => world.state.history('crm');

/** Ticks each minute. */
async function passes(ms: number): Promise<void> {
  const until = world.clock.now() + ms;
  while (world.clock.now() < until) {
    await tick();
    world.clock.advance(MINUTE - (world.clock.now() % MINUTE));
  }
}

/** What the provider does at each exchange. */
function provider(answer?: () => never, takesMs = 0): void {
  world.intercept = async (call, effect) => {
    if (call.method === 'exchange') {
      await world.clock.sleep(takesMs);
      answer?.();
    }
    if (call.method === 'publish') await world.clock.sleep(400);
    return effect();
  };
}

const down = (): never => {
  throw new TokenError('unanswered', 'http_503', 'the provider answered 503', { status: 503 });
};

describe('the history of a connection', () => {
  it('has of a refresh its instant, trigger, grant, outcome, durations and lateness', async () => {
    provider(undefined, 2 * SECOND);
    world.clock.advance(30 * SECOND);
    await tick();
    const at = world.clock.now();
    expect(await history()).toEqual([
      {
        at,
        since: at,
        times: 1,
        trigger: 'schedule',
        grant: 'client_credentials',
        outcome: 'refreshed',
        exchangeMs: 2_000,
        storeMs: 400,
        lateMs: 30_000,
      },
    ]);
  });

  it('tells of an outage when it began, what was said, how often it was tried, and when it ended', async () => {
    await passes(HOUR);
    provider(down, SECOND);
    await passes(3 * HOUR);
    provider(undefined);
    await passes(20 * MINUTE);
    const [again, outage, before] = await history();
    expect(before).toMatchObject({ outcome: 'refreshed' });
    expect(outage).toMatchObject({
      outcome: 'retry-later',
      code: 'http_503',
      message: 'the provider answered 503',
      status: 503,
      exchangeMs: 1_000,
    });
    const tried = world.provider.exchanges.length;
    expect(tried).toBeGreaterThan(1);
    const { since = 0, at = 0, times = 0 } = outage ?? {};
    expect(since).toBeGreaterThan(before?.at ?? 0);
    expect(at - since).toBeGreaterThan(2 * HOUR);
    const failures = world.logged.filter((line) => line.includes('refresh failed'));
    expect(times).toBe(failures.length);
    expect(again).toMatchObject({ outcome: 'refreshed', times: 1 });
    expect(again?.at).toBeGreaterThan(at);
  });

  it('begins anew where the words change, and counts on where they stay', async () => {
    await tick();
    const saying = (words: string) => () => {
      throw new TokenError('configuration', 'invalid_scope', words, { status: 400 });
    };
    const force = () =>
      world.clock.run(() =>
        refreshNow(
          { connections: ['crm'], force: true, functionEndsAt: world.clock.now() + 5 * MINUTE },
          { ...world.ports(), declared: { get: async () => undefined } },
        ),
      );
    for (const words of ['no such scope', 'no such scope', 'ask your administrator']) {
      world.clock.advance(2 * MINUTE);
      provider(saying(words));
      await force();
    }
    expect((await history()).map(({ message, times, trigger }) => [message, times, trigger])).toEqual([
      ['ask your administrator', 1, 'request'],
      ['no such scope', 2, 'request'],
      [undefined, 1, 'schedule'],
    ]);
  });

  it('keeps fifty outcomes, the newest first, and of those twelve in the state', async () => {
    for (let refreshes = 0; refreshes < 55; refreshes += 1) await world.refreshWhenDue('crm');
    const kept = await history();
    expect(kept).toHaveLength(50);
    expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).sort((one, other) => other - one));
    expect(world.state.items.get('crm')?.remembered).toMatchObject({ outcomes: 55, times: 1 });
    const recent = world.state.items.get('crm')?.recent;
    expect(recent).toEqual(
      kept
        .slice(0, 12)
        .reverse()
        .map(({ at }) => [at, 'r']),
    );
  });

  it('counts what failed among the twelve, each time', async () => {
    await tick();
    provider(down);
    world.clock.advance(HOUR);
    await passes(10 * MINUTE);
    const [first, ...failures] = world.state.items.get('crm')?.recent ?? [];
    expect(first?.[1]).toBe('r');
    expect(failures.length).toBe(world.state.items.get('crm')?.remembered?.times);
    expect(new Set(failures.map(([, what]) => what))).toEqual(new Set(['f']));
  });

  it('says nothing of what was only looked at, nor of a lease that was lost', async () => {
    await tick();
    const before = await history();
    await world.refresh('crm');
    expect(await history()).toEqual(before);
    world.clock.advance(HOUR);
    world.intercept = async (call, effect) => {
      if (call.method === 'commit') {
        const item = world.state.items.get('crm');
        if (item) world.state.items.set('crm', { ...item, leaseOwner: 'thief' });
      }
      return effect();
    };
    await world.refresh('crm');
    expect(await history()).toEqual(before);
  });

  it('is not late where somebody asked', async () => {
    world.clock.advance(MINUTE);
    await world.refresh('crm');
    expect((await history())[0]).not.toHaveProperty('lateMs');
  });
});
