import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createStateTable } from '../../../../functions/aws/state-table/create-state-table.ts';
import { createHistory } from '../../../../functions/aws/state-table/history-items.ts';
import type { PastOutcome } from '../../../../functions/refresh/ports/history.ts';
import { TestAws } from '../../../support/aws.ts';

const NOW = Date.UTC(2026, 0, 1);
const OUTCOME: PastOutcome = { at: NOW, since: NOW, times: 1, trigger: 'schedule', outcome: 'refreshed' };
const FAILED: PastOutcome = {
  at: NOW + 5,
  since: NOW + 1,
  times: 4,
  trigger: 'wake-up',
  grant: 'refresh_token',
  outcome: 'retry-later',
  code: 'http_503',
  message: 'the provider answered 503',
  status: 503,
  exchangeMs: 1_200,
  storeMs: 0,
  lateMs: 59_000,
};

let aws: TestAws;
let warned: string[];
/** How many items each call brought. */
let written: number[];
/** How many of the next call's items DynamoDB does not come to. */
let unprocessed = 0;

beforeAll(async () => {
  aws = await TestAws.start();
});
afterEach(() => {
  aws.endpoint.inject = undefined;
});
afterAll(() => aws[Symbol.asyncDispose]());

async function open() {
  warned = [];
  written = [];
  unprocessed = 0;
  const tableName = await aws.createStateTable();
  const silent = () => undefined;
  const warn = (message: string, details?: object) => warned.push(`${message} ${JSON.stringify(details)}`);
  const client = overloaded(aws.hastyClients.dynamodb, tableName);
  const history = createHistory({ client, tableName, log: { info: silent, warn, error: silent } });
  return { history, table: createStateTable({ client, tableName }) };
}

/** DynamoDB as it is under load: some of a batch it leaves to the caller. */
function overloaded(dynamodb: DynamoDBClient, tableName: string): DynamoDBClient {
  const send = async (command: BatchWriteItemCommand, options?: object) => {
    if (!(command instanceof BatchWriteItemCommand)) return dynamodb.send(command, options);
    const all = command.input.RequestItems?.[tableName] ?? [];
    written.push(all.length);
    const left = all.slice(all.length - unprocessed);
    unprocessed = 0;
    const RequestItems = { [tableName]: all.filter((each) => !left.includes(each)) };
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems }), options);
    return { UnprocessedItems: left.length > 0 ? { [tableName]: left } : {} };
  };
  return { send } as unknown as DynamoDBClient;
}

describe('the history in the state table', () => {
  it('is written while a long tick is at work, so that it is never much', async () => {
    const { history, table } = await open();
    for (let index = 0; index < 450; index += 1) history.add(`c${index}`, 0, OUTCOME);
    await expect.poll(() => written).toEqual(Array(8).fill(25));
    await history.flush();
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(450);
    expect(await table.history('c0')).toEqual([OUTCOME]);
    expect(await table.history('c449')).toEqual([OUTCOME]);
  });

  it('is read as it was told, the newest first, and is each connection’s own', async () => {
    const { history, table } = await open();
    history.add('crm', 0, OUTCOME);
    history.add('crm', 1, FAILED);
    history.add('crm/eu', 0, { ...OUTCOME, at: NOW + 9 });
    await history.flush();
    expect(await table.history('crm')).toEqual([FAILED, OUTCOME]);
    expect(await table.history('crm/eu')).toEqual([{ ...OUTCOME, at: NOW + 9 }]);
    expect(await table.history('erp')).toEqual([]);
  });

  it('replaces what stands in the slot, before and after it was written', async () => {
    const { history, table } = await open();
    history.add('crm', 0, OUTCOME);
    history.add('crm', 0, FAILED);
    await history.flush();
    expect(await table.history('crm')).toEqual([FAILED]);
    history.add('crm', 0, { ...OUTCOME, at: NOW + 9 });
    await history.flush();
    expect(await table.history('crm')).toEqual([{ ...OUTCOME, at: NOW + 9 }]);
    expect(written).toEqual([1, 1]);
  });

  it('is written 25 at a time, and not at all where there is nothing to tell', async () => {
    const { history } = await open();
    await history.flush();
    for (let index = 0; index < 60; index += 1) history.add(`c${index}`, 0, OUTCOME);
    await history.flush();
    await history.flush();
    expect(written).toEqual([25, 25, 10]);
  });

  it('is sent again as far as DynamoDB did not come to it', async () => {
    const { history, table } = await open();
    for (let slot = 0; slot < 8; slot += 1) history.add('crm', slot, { ...OUTCOME, at: NOW + slot });
    unprocessed = 3;
    await history.flush();
    expect(written).toEqual([8, 3]);
    expect((await table.history('crm')).map(({ at }) => at - NOW)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it('is no connection of a listing, and is never due', async () => {
    const { history, table } = await open();
    history.add('crm', 0, OUTCOME);
    await history.flush();
    expect(await Array.fromAsync(table.list())).toEqual([]);
    expect(await Array.fromAsync(table.due(Number.MAX_SAFE_INTEGER))).toEqual([]);
  });

  it('leaves out what is none of its own words', async () => {
    const { history, table } = await open();
    const odd = (changes: object) => ({ ...FAILED, ...changes }) as PastOutcome;
    history.add('crm', 0, odd({ status: 'teapot', exchangeMs: -1, code: 7 }));
    history.add('crm', 1, odd({ at: 9e15 }));
    history.add('crm', 2, odd({ outcome: ['refreshed'] }));
    await history.flush();
    const { status: _, exchangeMs: __, code: ___, ...rest } = FAILED;
    expect(await table.history('crm')).toEqual([rest]);
  });

  it('that cannot be written is told of in the log, and fails nobody', async () => {
    const { history, table } = await open();
    history.add('crm', 0, OUTCOME);
    aws.failNext('BatchWriteItem', { before: 'reset' });
    await history.flush();
    expect(warned).toEqual([expect.stringContaining('could not be written to the history {"outcomes":1')]);
    await history.flush();
    expect(await table.history('crm')).toEqual([]);
  });
});
