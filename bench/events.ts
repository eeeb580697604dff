import { createEvents } from '../functions/aws/events.ts';
import type { Events, RefreshEvent } from '../functions/refresh/ports/outside.ts';
import { MemoryEventBus } from '../test/support/memory-event-bus.ts';
import { seededRandom } from '../test/support/seeded-random.ts';
import { VirtualClock } from '../test/support/virtual-clock.ts';
import type { Benchmark, Figure } from './benchmark.ts';

const OUTCOMES = 10_000;
const FULL_OUTCOMES = 100_000;
/** One in so many outcomes needs a person: 300 of 10,000. */
const NEEDS_A_PERSON = 100 / 3;
/** As EventBridge answers, and as many calls as it takes where others of the account use up the rest. */
const BUS = { latencyMs: 20, perSecond: 100 };
/** What is left of the function when a tick is done with its refreshes, and until the next one begins. */
const LEFT_MS = 60_000;
/** At the pace of all secret writes that an account has. */
const EVERY_MS = 20;
/** How long the loop that this took the place of tried. */
const BY_HAND_MS = 5_000;

/** One process on a virtual clock, with what the state keeps of notices. */
class World {
  readonly clock = new VirtualClock();
  readonly bus = new MemoryEventBus(this.clock, BUS);
  readonly startedAt = this.clock.now();
  /** Connections of whose notice the state has not heard that it was taken. */
  readonly untold = new Set<string>();
  dropped = 0;
  mostWaiting = 0;
  #told = 0;
  readonly events: Events = createEvents({
    clients: this.bus.clients,
    namespace: 'evertoken',
    clock: this.clock,
    random: seededRandom(1),
    metrics: {
      count: (_, value = 1) => {
        this.dropped += value;
      },
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });

  /** As `announce` does after a commit. */
  tell(index: number): void {
    for (const detailType of outcomeOf(index)) this.#add(event(index, detailType));
  }

  /** As the tick does that finds a notice untold. */
  tellAgain(): void {
    for (const name of this.untold)
      this.#add({ ...event(0, 'Connection Needs Attention'), connection: name });
  }

  flush(): Promise<void> {
    return this.events.flush({ endsAt: this.clock.now() + LEFT_MS });
  }

  #add(told: RefreshEvent): void {
    this.#told += 1;
    const { connection } = told;
    if (told.detailType === 'Connection Needs Attention') {
      this.untold.add(connection);
      this.events.add(told, async () => {
        await this.clock.sleep(10);
        this.untold.delete(connection);
      });
    } else this.events.add(told);
    this.mostWaiting = Math.max(this.mostWaiting, this.#told - this.bus.taken.length);
  }

  /** What is held of each way in which outcomes come. */
  figures(when: string, outcomes: number): Figure[] {
    const { taken, calls } = this.bus;
    const distinct = new Set(taken.map(({ detailType, connection }) => `${detailType} ${connection}`)).size;
    const notices = taken.filter(({ detailType }) => detailType === 'Connection Needs Attention');
    const needed = range(outcomes).filter(needsPerson).length;
    const wanted = range(outcomes).flatMap(outcomeOf).length;
    const lastNotice = notices.reduce((last, { at }) => Math.max(last, at), this.startedAt);
    const last = taken.reduce((latest, { at }) => Math.max(latest, at), this.startedAt);
    const whole = { unit: 'ratio', better: 'higher', goal: 1, tolerance: 0 } as const;
    const none = { unit: 'count', goal: 0, tolerance: 0 } as const;
    const seconds = (at: number) => ({ value: (at - this.startedAt) / 1000, unit: 's' }) as const;
    return [
      {
        name: `${when}: notices delivered`,
        value: new Set(notices.map(({ connection }) => connection)).size / needed,
        ...whole,
      },
      { name: `${when}: notices not confirmed`, value: this.untold.size, ...none },
      { name: `${when}: events delivered`, value: distinct / wanted, ...whole },
      { name: `${when}: events given up`, value: this.dropped, ...none },
      { name: `${when}: to the last notice`, ...seconds(lastNotice) },
      { name: `${when}: to the last event`, ...seconds(last) },
      { name: `${when}: PutEvents calls an event`, value: calls / taken.length, unit: 'ratio', goal: 0.1 },
      { name: `${when}: events that wait, at most`, value: this.mostWaiting, unit: 'count' },
    ];
  }
}

async function run({ full, progress }: Parameters<Benchmark['run']>[0]): Promise<readonly Figure[]> {
  const outcomes = full ? FULL_OUTCOMES : OUTCOMES;
  progress(`${outcomes} outcomes as they come in a tick`);
  const tick = new World();
  await tick.clock.run(async () => {
    for (const index of range(outcomes)) {
      tick.tell(index);
      await tick.clock.sleep(EVERY_MS);
    }
    await tick.flush();
  });
  progress('10000 outcomes in one instant');
  const burst = new World();
  for (const index of range(OUTCOMES)) burst.tell(index);
  await burst.clock.run(() => burst.flush());
  progress('a bus that does not answer for one tick');
  const outage = new World();
  outage.bus.weather = () => 'hangs';
  for (const index of range(OUTCOMES)) outage.tell(index);
  await outage.clock.run(() => outage.flush());
  outage.bus.weather = undefined;
  await outage.clock.run(() => outage.clock.sleep(LEFT_MS));
  outage.tellAgain();
  await outage.clock.run(() => outage.flush());
  const oneByOne = await byHand();
  return [
    ...tick.figures('one by one', outcomes),
    ...burst.figures('at once', OUTCOMES),
    ...outage.figures('no answer in the first tick', OUTCOMES),
    ...oneByOne,
  ];
}

/** Ten at a time, one call after the other, for five seconds. */
async function byHand(): Promise<Figure[]> {
  const { clock, bus, startedAt } = new World();
  const all = range(OUTCOMES).flatMap((index) => outcomeOf(index).map((type) => event(index, type)));
  await clock.run(async () => {
    for (let start = 0; start < all.length && clock.now() - startedAt < BY_HAND_MS; start += 10) {
      const Entries = all
        .slice(start, start + 10)
        .map(({ detailType: DetailType, ...detail }) => ({ DetailType, Detail: JSON.stringify(detail) }));
      const calls = await bus.clients.eventBridge();
      await calls.putEvents({ Entries }).catch(() => undefined);
    }
  });
  const needed = range(OUTCOMES).filter(needsPerson).length;
  const notices = bus.taken.filter(({ detailType }) => detailType === 'Connection Needs Attention').length;
  const share = (name: string, value: number): Figure => ({
    name: `at once, by hand for 5 s: ${name} delivered`,
    value,
    unit: 'ratio',
    better: 'higher',
  });
  return [share('notices', notices / needed), share('events', bus.taken.length / all.length)];
}

const range = (length: number) => Array.from({ length }, (_, index) => index);

const needsPerson = (index: number) =>
  Math.floor((index + 1) / NEEDS_A_PERSON) > Math.floor(index / NEEDS_A_PERSON);

function outcomeOf(index: number): readonly RefreshEvent['detailType'][] {
  return needsPerson(index) ? ['Refresh Failed', 'Connection Needs Attention'] : ['Token Refreshed'];
}

function event(index: number, detailType: RefreshEvent['detailType']): RefreshEvent {
  const isRefreshed = detailType === 'Token Refreshed';
  return {
    detailType,
    connection: `shop/${index}`,
    outcome: isRefreshed ? 'refreshed' : 'needs-reauthorization',
    health: isRefreshed ? 'healthy' : 'needs-reauthorization',
    code: isRefreshed ? null : 'invalid_grant',
    expiresAt: '2026-01-01T01:00:00.000Z',
  };
}

export default {
  about:
    'Events of 10,000 outcomes of which 300 need a person, where a call takes 20 ms and 100 a second are taken, on a virtual clock.',
  run,
} satisfies Benchmark;
