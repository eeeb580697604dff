import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createEvents } from '../../../functions/aws/events.ts';
import type { Log, RefreshEvent } from '../../../functions/refresh/ports/outside.ts';
import type { BusEvent } from '../../../local/aws/event-bus.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../support/aws.ts';

let aws: TestAws;
let received: BusEvent[];
let warned: unknown[];
let unsubscribe: () => void;
const log: Log = {
  info: () => undefined,
  warn: (message, details) => void warned.push({ message, ...details }),
  error: () => undefined,
};

beforeAll(async () => {
  aws = await TestAws.start();
});
beforeEach(() => {
  received = [];
  warned = [];
  unsubscribe = aws.endpoint.onEvent((event) => received.push(event));
  aws.endpoint.calls.reset();
});
afterEach(() => {
  unsubscribe();
  aws.endpoint.inject = undefined;
});
afterAll(() => aws[Symbol.asyncDispose]());

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

const open = () => createEvents({ client: aws.clients.eventBridge, namespace: 'evertoken', log });

it('sends what was collected, once', async () => {
  const events = open();
  events.add(event('crm'));
  await events.flush();
  await events.flush();
  await aws.endpoint.idle();
  expect(received).toMatchObject([
    {
      source: 'evertoken',
      'detail-type': 'Token Refreshed',
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

it('sends ten at a time, in order', async () => {
  const events = open();
  const names = Array.from({ length: 23 }, (_, index) => `c${index}`);
  for (const name of names) events.add(event(name));
  await events.flush();
  await aws.endpoint.idle();
  expect(received.map(({ detail }) => detail['connection'])).toEqual(names);
  expect(aws.endpoint.calls.count({ operation: 'PutEvents' })).toBe(3);
});

it('calls nothing when there is nothing to tell', async () => {
  await open().flush();
  expect(aws.endpoint.calls.count()).toBe(0);
});

it('logs what it could not send, and does not throw', async () => {
  const events = open();
  aws.failNext('PutEvents', { before: new AwsError('AccessDeniedException', 'not authorized') });
  events.add(event('crm'));
  await events.flush();
  expect(warned).toMatchObject([
    { detail: expect.stringContaining('"crm"'), reason: expect.stringContaining('not authorized') },
  ]);
});

it('tries an entry that was not taken once more, and logs it alone', async () => {
  const events = open();
  events.add(event('refused', { detailType: 'x'.repeat(200) as RefreshEvent['detailType'] }));
  events.add(event('crm'));
  await events.flush();
  await aws.endpoint.idle();
  expect(received.map(({ detail }) => detail['connection'])).toEqual(['crm']);
  expect(aws.endpoint.calls.count({ operation: 'PutEvents' })).toBe(2);
  expect(warned).toMatchObject([{ detail: expect.stringContaining('refused'), reason: 'InvalidArgument' }]);
});

it('gives up when its time is over', async () => {
  const events = open();
  events.add(event('crm'));
  await events.flush({ signal: AbortSignal.abort() });
  expect(warned).toHaveLength(1);
});
