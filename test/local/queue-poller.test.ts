import { expect, it } from 'vitest';
import { readRefreshNowEvent } from '../../functions/handlers/read-event.ts';
import { LocalQueues, type QueueMessage } from '../../local/aws/sqs/queues.ts';
import { messagesEvent, startQueuePoller } from '../../local/queue-poller.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { HandClock } from './support/hand-clock.ts';

type Run = (messages: readonly QueueMessage[]) => Promise<void>;

const queueOf = (clock: HandClock) => {
  const identity = { region: 'us-east-1', accountId: '000000000000', clock, random: seededRandom(1) };
  const queues = new LocalQueues(identity, () => 'http://127.0.0.1:1');
  return queues.create('wake-ups', { visibilityTimeoutMs: 10_000 });
};

async function polling(run: Run) {
  const clock = new HandClock();
  const queue = queueOf(clock);
  const errors: unknown[] = [];
  const delivery = { queue, batchSize: 2, run };
  const poller = startQueuePoller({ delivery, clock, onError: (error) => errors.push(error) });
  await clock.advance(0);
  return { clock, queue, errors, poller };
}

const collected = () => {
  const batches: string[][] = [];
  const run: Run = async (messages) => void batches.push(messages.map(({ body }) => body));
  return { batches, run };
};

it('brings a message at the moment at which it is due, and deletes it', async () => {
  const { batches, run } = collected();
  const { clock, queue, poller } = await polling(run);
  queue.send('a', 100);
  await clock.advance(99_999);
  expect(batches).toEqual([]);
  await clock.advance(1);
  expect(batches).toEqual([['a']]);
  expect(queue.nextAt).toBeUndefined();
  await poller.stop();
});

it('looks again when something is sent that is due sooner than what it waits for', async () => {
  const { batches, run } = collected();
  const { clock, queue, poller } = await polling(run);
  queue.send('late', 50);
  await clock.advance(0);
  queue.send('soon', 1);
  await clock.advance(0);
  await clock.advance(1000);
  expect(batches).toEqual([['soon']]);
  await poller.stop();
});

it('brings what is due at once in batches, none of which waits for another', async () => {
  const batches: string[][] = [];
  const ends: (() => void)[] = [];
  const { clock, queue, poller } = await polling((messages) => {
    batches.push(messages.map(({ body }) => body));
    return new Promise((resolve) => ends.push(resolve));
  });
  for (const body of ['a', 'b', 'c']) queue.send(body, 5);
  await clock.advance(0);
  await clock.advance(5000);
  expect(batches).toEqual([['a', 'b'], ['c']]);
  const stopped = poller.stop();
  for (const end of ends) end();
  await stopped;
});

it('lets what failed come again when it is visible again', async () => {
  let runs = 0;
  const failure = new Error('no');
  const { clock, queue, errors, poller } = await polling(async () => {
    runs += 1;
    if (runs === 1) throw failure;
  });
  queue.send('a');
  await clock.advance(0);
  expect([runs, errors]).toEqual([1, [failure]]);
  await clock.advance(9_999);
  expect(runs).toBe(1);
  await clock.advance(1);
  expect([runs, errors.length, queue.nextAt]).toEqual([2, 1, undefined]);
  await poller.stop();
});

it('takes nothing any more once it is stopped, and waits for what runs', async () => {
  const { batches, run } = collected();
  const { clock, queue, poller } = await polling(run);
  await poller.stop();
  queue.send('a');
  await clock.advance(0);
  expect(batches).toEqual([]);
  expect(clock.sleeping).toBe(0);
});

it('makes of messages the event that Lambda makes of them', () => {
  const clock = new HandClock();
  const queue = queueOf(clock);
  queue.send('{"connection":"crm"}');
  queue.send('{"connection":"desk"}');
  const event = messagesEvent(queue, queue.receive(10));
  expect(event).toMatchObject({
    Records: [
      {
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:wake-ups',
        awsRegion: 'us-east-1',
        attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(clock.now()) },
      },
      {},
    ],
  });
  expect(readRefreshNowEvent(event, 'evertoken', undefined)).toMatchObject({
    kind: 'refresh',
    connections: ['crm', 'desk'],
  });
});
