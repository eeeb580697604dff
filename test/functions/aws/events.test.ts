import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEvents } from '../../../functions/aws/events.ts';
import { systemClock } from '../../../functions/handlers/system-clock.ts';
import type { EventDetailType, Log, RefreshEvent } from '../../../functions/refresh/ports/outside.ts';
import type { BusEvent } from '../../../local/aws/event-bus.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../support/aws.ts';
import {
  MemoryEventBus,
  type MemoryEventBusOptions,
  named,
  throttling,
} from '../../support/memory-event-bus.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const SECOND = 1000;
const NEED = 'Connection Needs Attention';

let warned: { readonly message: string; readonly [detail: string]: unknown }[];
let counted: Record<string, number>;
const log: Log = {
  info: () => undefined,
  warn: (message, details) => void warned.push({ message, ...details }),
  error: (message, details) => void warned.push({ message, ...details }),
};
const metrics = {
  count: (name: string, value = 1) => {
    counted[name] = (counted[name] ?? 0) + value;
  },
};

beforeEach(() => {
  warned = [];
  counted = {};
});

function event(connection: string, further: Partial<RefreshEvent> = {}): RefreshEvent {
  return {
    detailType: 'Token Refreshed',
    connection,
    outcome: 'refreshed',
    health: 'healthy',
    code: null,
    expiresAt: '2026-01-01T01:00:00.000Z',
    ...further,
  };
}

describe('through the SDK', () => {
  let aws: TestAws;
  let received: BusEvent[];
  let unsubscribe: () => void;

  beforeAll(async () => {
    aws = await TestAws.start();
  });
  beforeEach(() => {
    received = [];
    unsubscribe = aws.endpoint.onEvent((taken) => received.push(taken));
    aws.endpoint.calls.reset();
  });
  afterEach(() => {
    unsubscribe();
    aws.endpoint.inject = undefined;
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  const calls = () => aws.endpoint.calls.count({ operation: 'PutEvents' });
  const open = () =>
    createEvents({
      clients: aws.hastyClients.onDemand,
      namespace: 'evertoken',
      clock: { now: () => Date.UTC(2026, 0, 1, 0, 0, 1, 999), sleep: systemClock.sleep },
      random: { fraction: () => 0 },
      metrics,
      log,
    });

  it('sends what was collected, once, with when it happened', async () => {
    const events = open();
    events.add(event('crm'));
    await events.flush();
    await events.flush();
    await aws.endpoint.idle();
    expect(received).toMatchObject([
      {
        source: 'evertoken',
        'detail-type': 'Token Refreshed',
        time: '2026-01-01T00:00:01Z',
        detail: {
          schema: 1,
          namespace: 'evertoken',
          connection: 'crm',
          outcome: 'refreshed',
          health: 'healthy',
          code: null,
          expiresAt: '2026-01-01T01:00:00.000Z',
        },
      },
    ]);
    expect(warned).toEqual([]);
  });

  it('sends ten at a time', async () => {
    const events = open();
    const names = Array.from({ length: 23 }, (_, index) => `c${index}`);
    for (const name of names) events.add(event(name));
    await events.flush();
    await aws.endpoint.idle();
    expect(new Set(received.map(({ detail }) => detail['connection']))).toEqual(new Set(names));
    expect(received).toHaveLength(23);
    expect(calls()).toBe(3);
  });

  it('calls nothing when there is nothing to tell', async () => {
    await open().flush();
    expect(aws.endpoint.calls.count()).toBe(0);
  });

  it('asks once where it may not, says so, and sends with the next flush', async () => {
    const events = open();
    aws.failNext('PutEvents', { before: new AwsError('AccessDeniedException', 'not authorized') });
    events.add(event('crm'));
    await events.flush();
    expect(calls()).toBe(1);
    expect(warned).toEqual([
      {
        message: 'events could not be sent yet',
        sentLater: 1,
        toldAgain: 0,
        reason: expect.stringContaining('not authorized'),
      },
    ]);
    await events.flush();
    await aws.endpoint.idle();
    expect(received.map(({ detail }) => detail['connection'])).toEqual(['crm']);
    expect(counted).toEqual({});
  });

  it('gives up an entry that is refused for good, logs and counts it alone', async () => {
    const events = open();
    events.add(event('refused', { detailType: 'x'.repeat(200) as EventDetailType }));
    events.add(event('crm'));
    await events.flush();
    await events.flush();
    await aws.endpoint.idle();
    expect(received.map(({ detail }) => detail['connection'])).toEqual(['crm']);
    expect(calls()).toBe(1);
    expect(warned).toMatchObject([
      {
        message: 'an event was refused',
        detail: expect.stringContaining('refused'),
        reason: 'InvalidArgument',
      },
      { message: 'events were given up', events: 1, reason: 'InvalidArgument' },
    ]);
    expect(counted).toEqual({ EventsDropped: 1 });
  });
});

/** A bus and its sender on a virtual clock; `told` are the confirmations that were called. */
function world(options: MemoryEventBusOptions & { readonly tokenRefreshed?: boolean } = {}) {
  const { tokenRefreshed, ...ofBus } = options;
  const clock = new VirtualClock();
  const bus = new MemoryEventBus(clock, ofBus);
  const told: string[] = [];
  const { clients } = bus;
  const random = seededRandom(1);
  const events = createEvents({
    ...{ clients, namespace: 'evertoken', clock, random, metrics, log },
    ...(tokenRefreshed !== undefined && { tokenRefreshed }),
  });
  /** As `announce` adds what the state keeps: all notices of a connection with one confirmation. */
  const notify = (connection: string, ...types: EventDetailType[]) => {
    const confirm = async () => void told.push(connection);
    for (const detailType of types) events.add(event(connection, { detailType }), confirm);
  };
  const add = (count: number, name = 'c') => {
    for (let index = 0; index < count; index += 1) events.add(event(`${name}${index}`));
  };
  return { clock, bus, events, told, notify, add, flush: () => clock.run(() => events.flush()) };
}

describe('while a tick is at work', () => {
  it('ten are sent as soon as they wait, and fewer are not', async () => {
    const { clock, bus, add } = world();
    add(29);
    await clock.run(() => clock.sleep(SECOND));
    expect([bus.taken.length, bus.calls]).toEqual([20, 2]);
  });

  it('so many calls are made at once, and no more', async () => {
    const { bus, add, flush } = world();
    add(1000);
    await flush();
    expect(bus.mostAtOnce).toBe(8);
    expect([bus.taken.length, bus.calls]).toEqual([1000, 100]);
  });

  it('trouble with the bus is no trouble of whoever adds', async () => {
    const { clock, bus, add, flush } = world();
    bus.weather = () => named('InternalFailure');
    add(50);
    await clock.run(() => clock.sleep(5 * SECOND));
    bus.weather = undefined;
    await flush();
    expect(bus.taken).toHaveLength(50);
    expect(warned).toEqual([]);
  });

  it('nor is trouble of its own', async () => {
    const { bus, add, flush } = world();
    bus.weather = (entries) => entries.map(() => 'InvalidArgument');
    const { count } = metrics;
    metrics.count = () => {
      throw new Error('of the test');
    };
    add(1);
    await flush();
    metrics.count = count;
    expect(warned).toContainEqual({ message: 'events were lost', reason: 'Error' });
  });
});

describe('notices', () => {
  it('go before all that waits', async () => {
    const { bus, add, notify, flush } = world();
    add(300);
    for (let index = 0; index < 10; index += 1) notify(`n${index}`, NEED);
    await flush();
    const last = Math.max(
      ...bus.taken.flatMap(({ detailType }, index) => (detailType === NEED ? index : [])),
    );
    // Eight calls were on their way by then.
    expect(last).toBeLessThan(90);
  });

  it('are confirmed once they are taken, some at once, by one call for all of a connection', async () => {
    const { told, notify, flush } = world();
    notify('crm', NEED, 'Credentials Sent To New Origin');
    notify('shop', 'Connection Recovered');
    await flush();
    expect(told.toSorted()).toEqual(['crm', 'shop']);
  });

  it('of a connection are all kept by the state where one of them is refused', async () => {
    const { bus, told, notify, flush } = world();
    bus.weather = (entries) =>
      entries.map(({ DetailType }) => (DetailType === NEED ? 'MalformedDetail' : undefined));
    notify('crm', 'Credentials Sent To New Origin', NEED);
    await flush();
    expect(bus.taken.map(({ detailType }) => detailType)).toEqual(['Credentials Sent To New Origin']);
    expect(told).toEqual([]);
    expect(counted).toEqual({ EventsDropped: 1 });
  });

  it('that could not be sent are left to the state, which has them told again', async () => {
    const { bus, told, add, notify, flush } = world();
    bus.weather = () => 'hangs';
    notify('crm', NEED, 'Credentials Sent To New Origin');
    add(1);
    await flush();
    expect(warned).toMatchObject([{ message: 'events could not be sent yet', sentLater: 1, toldAgain: 2 }]);
    bus.weather = undefined;
    await flush();
    expect(bus.connections()).toEqual(['c0']);
    expect(told).toEqual([]);
    expect(counted).toEqual({});
    notify('crm', NEED, 'Credentials Sent To New Origin');
    await flush();
    expect(told).toEqual(['crm']);
  });

  it('that nobody else keeps wait for the next flush', async () => {
    const { bus, events, flush } = world();
    bus.weather = () => 'hangs';
    events.add(event('paused', { detailType: 'Refresh Token Expiring' }));
    await flush();
    bus.weather = undefined;
    await flush();
    expect(bus.connections()).toEqual(['paused']);
  });

  it('that are told again while they wait are sent once', async () => {
    const { clock, bus, told, notify, flush } = world();
    notify('crm', NEED);
    await clock.run(() => clock.sleep(60 * SECOND));
    notify('crm', NEED);
    await flush();
    expect(bus.connections()).toEqual(['crm']);
    expect(told).toEqual(['crm']);
  });

  it('whose confirmation fails fail nothing', async () => {
    const { events, flush, bus } = world();
    const fails = () => {
      throw new Error('no table');
    };
    events.add(event('crm', { detailType: NEED }), fails);
    await flush();
    expect(bus.connections()).toEqual(['crm']);
    expect(warned).toEqual([]);
  });
});

describe('a bus that takes so many calls a second', () => {
  it.each([20, 100])('%i, gets all, with few calls for nothing', async (perSecond) => {
    const { bus, add, flush } = world({ perSecond });
    add(5000);
    await flush();
    expect(bus.taken).toHaveLength(5000);
    expect(bus.calls / 500).toBeLessThan(1.1);
    expect(counted).toEqual({});
  });

  it('gets the entries again that it throttled, and no other', async () => {
    const { bus, add, flush } = world();
    bus.weather = (entries) =>
      bus.calls === 1 ? entries.map((_, index) => (index < 3 ? 'ThrottlingException' : undefined)) : [];
    add(10);
    await flush();
    expect(bus.connections().toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => `c${index}`));
    expect(bus.calls).toBe(2);
  });

  it('is waited for longer and longer', async () => {
    const { clock, bus, add, flush } = world();
    const at: number[] = [];
    bus.weather = () => {
      at.push(clock.now());
      return throttling();
    };
    add(1);
    await flush();
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(waits.length).toBeGreaterThan(5);
    expect(waits.slice(1, 5).every((wait, index) => wait > (waits[index] ?? 0))).toBe(true);
    expect(Math.max(...waits)).toBeLessThan(2 * SECOND);
  });
});

describe('a flush', () => {
  it('that gets no answer ends after ten seconds, and the next one sends what was left', async () => {
    const { clock, bus, add, flush } = world();
    bus.weather = () => 'hangs';
    add(30);
    const before = clock.now();
    await flush();
    expect(clock.now() - before).toBe(10 * SECOND);
    bus.weather = undefined;
    await flush();
    expect(bus.connections().toSorted()).toEqual(
      Array.from({ length: 30 }, (_, index) => `c${index}`).toSorted(),
    );
    // What they say of the time is when it happened, and not when they were sent.
    expect(new Set(bus.taken.map(({ time }) => time))).toEqual(new Set([before]));
    expect(counted).toEqual({});
  });

  it('ends in time where a call under way cannot be ended', async () => {
    const { clock, bus, add, flush } = world();
    bus.weather = () => 'hangs';
    bus.hearsAborts = false;
    add(3);
    const before = clock.now();
    await flush();
    expect(clock.now() - before).toBe(10 * SECOND);
  });

  it('goes on for as long as something is taken', async () => {
    const { clock, bus, add, flush } = world({ perSecond: 5 });
    add(1000);
    const before = clock.now();
    await flush();
    expect(clock.now() - before).toBeGreaterThan(15 * SECOND);
    expect(bus.taken).toHaveLength(1000);
  });

  it('ends two seconds before the function does', async () => {
    const { clock, bus, events, add } = world({ perSecond: 5 });
    add(1000);
    const before = clock.now();
    await clock.run(() => events.flush({ endsAt: before + 6 * SECOND }));
    expect(clock.now() - before).toBe(4 * SECOND);
    const first = bus.taken.length;
    expect(first).toBeGreaterThan(100);
    await clock.run(() => events.flush());
    expect(bus.taken.length).toBe(1000);
    expect(warned).toHaveLength(1);
  });

  it('begins nothing when its time is over, and leaves nothing under way', async () => {
    const { clock, bus, events, add, flush } = world();
    add(3);
    await clock.run(() => events.flush({ endsAt: clock.now() }));
    expect([bus.taken.length, bus.atOnce]).toEqual([0, 0]);
    await flush();
    expect(bus.connections()).toEqual(['c0', 'c1', 'c2']);
  });

  it('that was cut off sends what may have been taken once more', async () => {
    const { clock, bus, events, add, flush } = world({ latencyMs: 3 * SECOND });
    bus.hearsAborts = false;
    add(1);
    await clock.run(() => events.flush({ endsAt: clock.now() + 4 * SECOND }));
    await clock.run(() => clock.sleep(5 * SECOND));
    await flush();
    expect(bus.connections()).toEqual(['c0', 'c0']);
  });

  it('waits for another one that shares its process', async () => {
    const { clock, bus, events, add } = world();
    add(15);
    await clock.run(() => Promise.all([events.flush(), events.flush({ endsAt: clock.now() })]));
    expect(new Set(bus.connections()).size).toBe(15);
  });
});

describe('what waits', () => {
  it('is bounded: the oldest go first, are counted, and notices stay', async () => {
    const { bus, add, notify, flush } = world();
    bus.weather = () => 'hangs';
    notify('crm', NEED);
    add(20_500);
    await flush();
    expect(counted).toEqual({ EventsDropped: 501 });
    expect(warned).toMatchObject([
      { message: 'events could not be sent yet', sentLater: 19_999, toldAgain: 1 },
      { message: 'events were given up', events: 501 },
    ]);
    bus.weather = undefined;
    await flush();
    expect(bus.taken).toHaveLength(19_999);
    expect(bus.connections()).not.toContain('c500');
    expect(bus.connections()).toContain('c20499');
  });

  it('too large for a call is given up, and a call that is too large is made in parts', async () => {
    const { bus, events, flush } = world();
    const code = (length: number) => ({ code: 'x'.repeat(length) });
    events.add(event('huge', code(1_100_000)));
    for (const name of ['a', 'b', 'c']) events.add(event(name, code(400_000)));
    await flush();
    expect(bus.connections().toSorted()).toEqual(['a', 'b', 'c']);
    expect(bus.calls).toBe(2);
    expect(counted).toEqual({ EventsDropped: 1 });
  });

  it('and makes a call invalid is found and given up alone', async () => {
    const { bus, events, add, flush } = world();
    bus.weather = (entries) =>
      entries.some(({ Detail }) => Detail?.includes('poison')) ? named('ValidationException') : [];
    add(4);
    events.add(event('poison'));
    await flush();
    expect(bus.connections().toSorted()).toEqual(['c0', 'c1', 'c2', 'c3']);
    expect(counted).toEqual({ EventsDropped: 1 });
  });
});

it('tells nothing of tokens that were refreshed where nobody wants to know', async () => {
  const { bus, events, add, notify, flush } = world({ tokenRefreshed: false });
  add(20);
  events.add(event('crm', { detailType: 'Refresh Failed' }));
  notify('shop', NEED);
  await flush();
  expect(bus.connections()).toEqual(['crm', 'shop']);
});
