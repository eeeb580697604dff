import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWakeUps } from '../../../functions/aws/wake-ups.ts';
import { createLocalAwsClients } from '../../../local/endpoint-clients.ts';
import { clientSettings, runningEndpoint } from './support/running-endpoint.ts';

const SECOND = 1000;

async function running(options: { visibilityTimeoutMs?: number; retentionMs?: number } = {}) {
  const { endpoint, clock } = await runningEndpoint();
  const client = new SQSClient(clientSettings(endpoint));
  onTestFinished(() => client.destroy());
  const queue = endpoint.queues.create('wake-ups', options);
  const send = (MessageBody: string, DelaySeconds?: number, QueueUrl = queue.url) =>
    client.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
  const bodies = (most = 10) => queue.receive(most).map(({ body }) => body);
  return { endpoint, clock, client, queue, send, bodies };
}

describe('SendMessage', () => {
  it('delivers a message after its delay, and is in the log of calls', async () => {
    const { endpoint, clock, queue, send, bodies } = await running({ visibilityTimeoutMs: 3600 * SECOND });
    // The SDK compares the digest of the body with what it sent.
    const { MessageId } = await send('later', 900);
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
    await send('now');
    expect(bodies()).toEqual(['now']);
    clock.advance(900 * SECOND - 1);
    expect(queue.nextAt).toBe(clock.now() + 1);
    clock.advance(1);
    expect(bodies()).toEqual(['later']);
    const call = { service: 'sqs', operation: 'SendMessage', resource: queue.url } as const;
    expect(endpoint.calls.count(call)).toBe(2);
  });

  it.each<[string, [string, number?, string?]]>([
    ['QueueDoesNotExist', ['a', 0, 'http://127.0.0.1/000000000000/other']],
    ['QueueDoesNotExist', ['a', 0, 'wake-ups']],
    ['InvalidParameterValue', ['a', 901]],
    ['InvalidParameterValue', ['a', -1]],
    ['MissingParameter', ['']],
    ['InvalidParameterValue', ['a'.repeat(1_048_577)]],
  ])('is refused with %s for %j', async (name, parameters) => {
    const { send, queue } = await running();
    await expect(send(...parameters)).rejects.toMatchObject({ name });
    expect(queue.nextAt).toBeUndefined();
  });

  it('is what wakes a connection', async () => {
    const { endpoint, clock, queue, bodies } = await running();
    const { onDemand } = createLocalAwsClients(endpoint.url);
    onTestFinished(() => onDemand.destroy());
    const wakeUps = createWakeUps({ clients: { sqs: onDemand.sqs }, queueUrl: queue.url, clock });
    await wakeUps.at('crm', clock.now() + 1_500);
    await wakeUps.at('crm', clock.now() + 901 * SECOND);
    await wakeUps.at('crm', clock.now() - 2 * SECOND);
    expect(endpoint.calls.count({ service: 'sqs' })).toBe(1);
    clock.advance(2 * SECOND);
    expect(bodies().map((body) => JSON.parse(body))).toEqual([{ connection: 'crm' }]);
  });
});

it('no other operation is served: the host takes messages as Lambda does', async () => {
  const { client, queue } = await running();
  const receive = client.send(new ReceiveMessageCommand({ QueueUrl: queue.url }));
  await expect(receive).rejects.toMatchObject({ name: 'UnknownOperationException' });
});

describe('a message', () => {
  it('is hidden while it is worked on, and comes again unless it is deleted', async () => {
    const { clock, queue, send } = await running({ visibilityTimeoutMs: 300 * SECOND });
    await send('a');
    const [first] = queue.receive(10);
    expect(queue.receive(10)).toEqual([]);
    clock.advance(300 * SECOND);
    const [second] = queue.receive(10);
    expect([first?.receiveCount, second?.receiveCount]).toEqual([1, 2]);
    expect(second?.messageId).toBe(first?.messageId);
    // The handle of before deletes nothing any more.
    queue.delete(String(first?.receiptHandle));
    expect(queue.nextAt).toBe(clock.now() + 300 * SECOND);
    queue.delete(String(second?.receiptHandle));
    expect(queue.nextAt).toBeUndefined();
  });

  it('is forgotten when it is too old', async () => {
    const { clock, send, bodies } = await running({ retentionMs: 1200 * SECOND });
    await send('a', 900);
    clock.advance(1200 * SECOND - 1);
    expect(bodies()).toEqual(['a']);
    await send('b');
    clock.advance(1200 * SECOND);
    expect(bodies()).toEqual([]);
  });

  it('comes in the order in which it is due, so many at once as are wanted', async () => {
    const { clock, send, bodies } = await running();
    await send('second', 2);
    await send('first', 1);
    await send('third', 3);
    clock.advance(3 * SECOND);
    expect(bodies(2)).toEqual(['first', 'second']);
    expect(bodies(2)).toEqual(['third']);
  });
});
