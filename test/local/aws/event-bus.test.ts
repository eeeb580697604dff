import { PutEventsCommand, type PutEventsRequestEntry, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { expect, it } from 'vitest';
import type { BusEvent } from '../../../local/aws/event-bus.ts';
import { runningEndpoint, START } from './support/running-endpoint.ts';

const ENTRY: PutEventsRequestEntry = {
  Source: 'evertoken',
  DetailType: 'Token Refreshed',
  Detail: '{"schema":1}',
};

const put = (Entries: PutEventsRequestEntry[]) => new PutEventsCommand({ Entries });

it('refuses no entries, and more than ten', async () => {
  const { events } = await runningEndpoint();
  for (const count of [0, 11]) {
    await expect(events.send(put(Array(count).fill(ENTRY)))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  }
});

it('refuses a request whose entries come to 1 MiB', async () => {
  const { events } = await runningEndpoint();
  const overhead = 'evertoken'.length + 'Token Refreshed'.length + '{"x":""}'.length;
  const sized = (bytes: number) => ({ ...ENTRY, Detail: `{"x":"${'x'.repeat(bytes - overhead)}"}` });
  await expect(events.send(put([sized(1_048_576)]))).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('over the limit'),
  });
  expect(await events.send(put([sized(1_048_575)]))).toMatchObject({ FailedEntryCount: 0 });
});

it.each([
  ['no source', { Source: '' }, 'InvalidArgument'],
  ['a source of AWS', { Source: 'aws.ssm' }, 'NotAuthorizedForSourceException'],
  ['no detail type', { DetailType: '' }, 'InvalidArgument'],
  ['a long detail type', { DetailType: 'x'.repeat(129) }, 'InvalidArgument'],
  ['no detail', { Detail: '' }, 'InvalidArgument'],
  ['detail that is not JSON', { Detail: '{' }, 'MalformedDetail'],
  ['detail that is no object', { Detail: '[]' }, 'MalformedDetail'],
  ['another bus', { EventBusName: 'other' }, 'ResourceNotFoundException'],
])('refuses an entry with %s, and delivers its neighbour', async (_, change, ErrorCode) => {
  const { endpoint, events } = await runningEndpoint();
  const heard: BusEvent[] = [];
  endpoint.onEvent((event) => heard.push(event));
  const answer = await events.send(put([{ ...ENTRY, ...change }, ENTRY]));
  expect(answer).toMatchObject({
    FailedEntryCount: 1,
    Entries: [{ ErrorCode }, { EventId: expect.any(String) }],
  });
  await endpoint.idle();
  expect(heard.map(({ id }) => id)).toEqual([answer.Entries?.[1]?.EventId]);
});

it('delivers in the envelope of EventBridge', async () => {
  const { endpoint, events } = await runningEndpoint();
  const heard: BusEvent[] = [];
  endpoint.onEvent((event) => heard.push(event));
  const EventBusName = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
  await events.send(
    put([ENTRY, { ...ENTRY, EventBusName, Time: new Date(START + 5000), Resources: ['arn:x'] }]),
  );
  await endpoint.idle();
  const envelope = {
    version: '0',
    account: '000000000000',
    region: 'us-east-1',
    source: 'evertoken',
    'detail-type': 'Token Refreshed',
    detail: { schema: 1 },
  };
  expect(heard).toMatchObject([
    { ...envelope, time: '2026-03-01T00:00:00Z', resources: [] },
    { ...envelope, time: '2026-03-01T00:00:05Z', resources: ['arn:x'] },
  ]);
});

it('delivers an event of another account as its rule forwards it', async () => {
  const { endpoint } = await runningEndpoint();
  const heard: BusEvent[] = [];
  endpoint.onEvent((event) => heard.push(event));
  const content = { source: 'app', 'detail-type': 'Refresh Requested', resources: [], detail: { a: 1 } };
  endpoint.forwardEvent('999988887777', content);
  await endpoint.idle();
  expect(heard).toMatchObject([{ ...content, account: '999988887777', region: 'us-east-1', version: '0' }]);
});

it('refuses other operations by name', async () => {
  const { events } = await runningEndpoint();
  await expect(events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{}' }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('PutRule'),
  });
});
