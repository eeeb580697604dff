import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createStateTable } from '../../../../functions/aws/state-table/create-state-table.ts';
import { stateTableDefinition } from '../../../../functions/aws/state-table/state-table-definition.ts';
import type { Connection } from '../../../../functions/connections/connection.ts';
import type { LeaseRequest, StateTable } from '../../../../functions/refresh/ports/state-table.ts';
import { AwsError } from '../../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../../support/aws.ts';
import { collect } from '../../../support/collect.ts';
import { describeStateTable } from '../../../support/state-table-contract.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const CRM: Connection = { provider: 'kajabi', credentials: 'kajabi-main' };
const CHANGED: Connection = { ...CRM, scope: 'contacts.read' };

let aws: TestAws;
beforeAll(async () => {
  aws = await TestAws.start();
});
afterEach(() => {
  aws.endpoint.inject = undefined;
});
afterAll(() => aws[Symbol.asyncDispose]());

interface Opened {
  readonly table: StateTable;
  readonly tableName: string;
}

async function open(pageSize?: number): Promise<Opened> {
  const tableName = await aws.createStateTable();
  const client = aws.clients.dynamodb;
  return { tableName, table: createStateTable({ client, tableName, ...(pageSize && { pageSize }) }) };
}

function request(owner: string, overrides: Partial<LeaseRequest> = {}): LeaseRequest {
  return {
    owner,
    now: NOW,
    endsAt: NOW + 2 * MINUTE,
    attempt: `attempt-${owner}`,
    force: false,
    ...overrides,
  };
}

/** Sets attributes as another version of the program might. */
async function write({ tableName }: Opened, name: string, attribute: string, value: object): Promise<void> {
  await aws.clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: { pk: { S: `connection#${name}` } },
      UpdateExpression: 'SET #a = :v',
      ExpressionAttributeNames: { '#a': attribute },
      ExpressionAttributeValues: { ':v': value as { S: string } },
    }),
  );
}

async function attributes({ tableName }: Opened, name: string) {
  const key = { pk: { S: `connection#${name}` } };
  const answer = await aws.clients.dynamodb.send(new GetItemCommand({ TableName: tableName, Key: key }));
  return answer.Item ?? {};
}

describeStateTable('the state table on DynamoDB', async () => (await open()).table);

describe('an answer that gets lost', () => {
  it('does not lose a lease: the retry finds it its own', async () => {
    const { table } = await open();
    await table.register('crm', CRM, NOW);
    aws.failNext('UpdateItem', { afterEffect: 'reset' });
    expect(await table.lease('crm', request('a'))).toMatchObject({
      kind: 'acquired',
      state: { leaseOwner: 'a', attempt: 'attempt-a' },
    });
  });

  it.each([
    [
      'success',
      { generation: 1, tokenVersionId: 'token-a', dueAt: NOW + MINUTE, attempt: null, attemptAt: null },
    ],
    ['failure', { failures: 3, lastOutcome: 'retry-later', lastErrorAt: NOW, dueAt: NOW + MINUTE }],
  ] as const)('does not make the commit of a %s a lost lease', async (_, change) => {
    const { table } = await open();
    await table.register('crm', CRM, NOW);
    await table.lease('crm', request('a'));
    aws.failNext('UpdateItem', { afterEffect: 'reset' });
    expect(await table.commit('crm', 'a', change)).toBe(true);
    expect(await table.get('crm')).not.toHaveProperty('leaseOwner');
  });

  it('does not register twice', async () => {
    const { table } = await open();
    aws.failNext('PutItem', { afterEffect: 'reset' });
    await table.register('crm', CRM, NOW);
    expect(await table.get('crm')).toMatchObject({ definition: CRM, dueAt: NOW });
  });
});

describe('what goes wrong', () => {
  it('is denied when AWS denies', async () => {
    const { table } = await open();
    aws.failNext('GetItem', { before: new AwsError('AccessDeniedException', 'User is not authorized') });
    await expect(table.get('crm')).rejects.toMatchObject({
      kind: 'denied',
      code: 'AccessDeniedException',
      message: expect.stringContaining('User is not authorized'),
    });
  });

  it('is missing when the table does not exist', async () => {
    const table = createStateTable({ client: aws.clients.dynamodb, tableName: 'no-such-table' });
    await expect(table.get('crm')).rejects.toMatchObject({ name: 'StoreError', kind: 'missing' });
  });

  it('is transient when the caller aborts', async () => {
    const { table } = await open();
    const signal = AbortSignal.abort();
    await expect(table.lease('crm', request('a'), { signal })).rejects.toMatchObject({ kind: 'transient' });
    await expect(collect(table.due(NOW, { signal }))).rejects.toMatchObject({ kind: 'transient' });
    await expect(table.cooldowns(['a'], { signal })).rejects.toMatchObject({ kind: 'transient' });
  });
});

describe('stored items', () => {
  it('of a newer schema are refused before anything is spent', async () => {
    const opened = await open();
    const { table } = opened;
    await table.register('crm', CRM, NOW);
    await write(opened, 'crm', 'schema', { N: '2' });
    const newer = { kind: 'malformed', message: expect.stringContaining('schema 2') };
    await expect(table.lease('crm', request('a'))).rejects.toMatchObject(newer);
    await expect(table.register('crm', CHANGED, NOW)).rejects.toMatchObject(newer);
    expect(await attributes(opened, 'crm')).not.toHaveProperty('leaseOwner');
  });

  it('keep attributes that this version does not know', async () => {
    const opened = await open();
    const { table } = opened;
    await table.register('crm', CRM, NOW);
    await write(opened, 'crm', 'fromTheFuture', { S: 'kept' });
    await table.lease('crm', request('a'));
    await table.commit('crm', 'a', { dueAt: NOW });
    await table.register('crm', CHANGED, NOW);
    expect(await attributes(opened, 'crm')).toMatchObject({ fromTheFuture: { S: 'kept' } });
  });

  it('with an unreadable definition stop nobody else: who leases one judges it', async () => {
    const opened = await open();
    const { table } = opened;
    await table.register('bad', CRM, NOW - 1);
    await table.register('good', CRM, NOW);
    await write(opened, 'bad', 'definition', { M: { provider: { S: 'kajabi' } } });
    expect((await collect(table.due(NOW))).map(({ name }) => name)).toEqual(['bad', 'good']);
    expect((await collect(table.list())).map(({ name }) => name).sort()).toEqual(['bad', 'good']);
    const { kind } = await table.lease('bad', request('a'));
    expect(kind).toBe('acquired');
    expect(await table.register('bad', CRM, NOW)).toBe(true);
    expect(await table.get('bad')).toMatchObject({ definition: CRM });
  });
});

describe('pages', () => {
  it('are followed by due and list', async () => {
    const { table } = await open(2);
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(names.map((name, index) => table.register(name, CRM, NOW + index)));
    expect((await collect(table.due(NOW + 9))).map(({ name }) => name)).toEqual(names);
    expect((await collect(table.list())).map(({ name }) => name).sort()).toEqual(names);
  });

  it('are read no further than asked for', async () => {
    const { table } = await open(1);
    for (const name of ['a', 'b', 'c']) await table.register(name, CRM, NOW);
    aws.endpoint.calls.reset();
    for await (const _ of table.due(NOW)) break;
    expect(aws.endpoint.calls.count({ operation: 'Query' })).toBe(1);
  });

  it('of a hundred keys make up a read of more cooldowns', async () => {
    const { table } = await open();
    await table.setCooldown('origin-149', { endsAt: NOW, reason: 'HTTP 503', failures: 1 });
    const keys = Array.from({ length: 150 }, (_, index) => `origin-${index}`);
    expect([...(await table.cooldowns(keys)).keys()]).toEqual(['origin-149']);
  });
});

describe('registration', () => {
  it('by two at once counts as one change', async () => {
    const { table } = await open();
    const answers = await Promise.all([table.register('crm', CRM, NOW), table.register('crm', CRM, NOW)]);
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('does not mind the order of keys', async () => {
    const { table } = await open();
    await table.register('crm', { provider: 'xero', credentials: 'a', parameters: { x: '1', y: '2' } }, NOW);
    const same = { parameters: { y: '2', x: '1' }, credentials: 'a', provider: 'xero' };
    expect(await table.register('crm', same, NOW)).toBe(false);
  });

  it('of a definition that changes during a refresh stays due after the commit', async () => {
    const { table } = await open();
    await table.register('crm', CRM, NOW);
    await table.lease('crm', request('a'));
    await table.register('crm', CHANGED, NOW + 5);
    await table.commit('crm', 'a', { dueAt: NOW + 60 * MINUTE, generation: 1, tokenVersionId: 'token-a' });
    expect(await table.get('crm')).toMatchObject({ definition: CHANGED, dueAt: NOW + 5, generation: 1 });

    await table.lease('crm', request('b', { now: NOW + 5 }));
    await table.commit('crm', 'b', { dueAt: NOW + 60 * MINUTE, generation: 2, tokenVersionId: 'token-b' });
    expect(await table.get('crm')).toMatchObject({ dueAt: NOW + 60 * MINUTE });
  });

  it('of a definition that changes during a refresh does not wait because the old one failed', async () => {
    const { table } = await open();
    await table.register('crm', CRM, NOW);
    await table.lease('crm', request('a'));
    await table.register('crm', CHANGED, NOW + 5);
    aws.failNext('UpdateItem', {}, { afterEffect: 'reset' });
    const change = { dueAt: NOW + 60 * MINUTE, failures: 1, lastOutcome: 'misconfigured' } as const;
    expect(await table.commit('crm', 'a', change)).toBe(true);
    const state = await table.get('crm');
    expect(state).toMatchObject({ failures: 1, lastOutcome: 'retry-later', dueAt: NOW + 5 });
    expect(state).not.toHaveProperty('leaseOwner');
  });

  it.each(['awaiting-credentials', 'misconfigured', 'needs-reauthorization'] as const)(
    'of a changed definition has a connection that was %s tried again',
    async (lastOutcome) => {
      const { table } = await open();
      await table.register('crm', CRM, NOW);
      await table.lease('crm', request('a'));
      await table.commit('crm', 'a', { dueAt: NOW + MINUTE, lastOutcome, lastErrorCode: 'x', failures: 4 });
      await table.register('crm', CHANGED, NOW);
      expect(await table.get('crm')).toMatchObject({
        lastOutcome: 'retry-later',
        lastErrorCode: 'x',
        dueAt: NOW,
      });
    },
  );

  it('of a changed definition keeps the last success', async () => {
    const { table } = await open();
    await table.register('crm', CRM, NOW);
    await table.lease('crm', request('a'));
    await table.commit('crm', 'a', { dueAt: NOW + MINUTE, lastOutcome: 'refreshed', generation: 1 });
    await table.register('crm', CHANGED, NOW);
    expect(await table.get('crm')).toMatchObject({ lastOutcome: 'refreshed' });
  });

  it('of a changed definition does not resume a paused connection', async () => {
    const { table } = await open();
    await table.register('crm', CRM, NOW);
    await table.setPaused('crm', true, NOW);
    expect(await table.register('crm', CHANGED, NOW)).toBe(true);
    expect(await collect(table.due(NOW))).toEqual([]);
    expect(await table.get('crm')).toMatchObject({ definition: CHANGED, paused: true });
  });

  it('revives a removed connection with the state that it had', async () => {
    const { table } = await open();
    await table.register('crm', CRM, NOW);
    await table.lease('crm', request('a'));
    await table.commit('crm', 'a', { dueAt: NOW, generation: 7, refreshTokenVersionId: 'version-7' });
    await table.unregister('crm', NOW, { confirmed: true });
    expect(await table.register('crm', CRM, NOW + 5)).toBe(true);
    expect(await table.get('crm')).toMatchObject({ generation: 7, refreshTokenVersionId: 'version-7' });
    expect(await table.get('crm')).not.toHaveProperty('removedAt');
    expect(await collect(table.due(NOW + 5))).toHaveLength(1);
  });
});

describe('one that an earlier version registered', () => {
  const forget = async ({ tableName }: Opened, name: string, ...attributes: string[]) => {
    const names = attributes.map((_, index) => `#a${index}`);
    await aws.clients.dynamodb.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: { pk: { S: `connection#${name}` } },
        UpdateExpression: `REMOVE ${names.join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(
          names.map((alias, index) => [alias, attributes[index] as string]),
        ),
      }),
    );
  };
  const OF_INDEX = ['registered', 'watchAt', 'digest', 'needAt'];
  const known = async ({ table }: Opened) => [
    await collect(table.registered()),
    (await table.watched(9)).map(({ name }) => name),
  ];

  it.each(['enrol', 'register'] as const)(
    'has its place and its digest after %s, and is as it was',
    async (how) => {
      const opened = await open();
      const { table } = opened;
      await table.register('crm', CRM, NOW);
      await table.register('paused', CRM, NOW);
      await table.setPaused('paused', true, NOW);
      const wanted = await known(opened);
      const before = [await attributes(opened, 'crm'), await attributes(opened, 'paused')];
      for (const name of ['crm', 'paused']) await forget(opened, name, ...OF_INDEX);
      expect(await known(opened)).toEqual([[], []]);
      for (const name of ['crm', 'paused']) {
        if (how === 'enrol') await table.enrol(name);
        else expect(await table.register(name, CRM, NOW + MINUTE)).toBe(false);
      }
      expect(await known(opened)).toEqual(wanted);
      expect([await attributes(opened, 'crm'), await attributes(opened, 'paused')]).toEqual(before);
    },
  );

  it('is put behind all others where that paused it, and is none of the watched until then', async () => {
    const opened = await open();
    const { table } = opened;
    await table.register('crm', CRM, NOW);
    await write(opened, 'crm', 'paused', { BOOL: true });
    await forget(opened, 'crm', 'queue');
    expect(await table.watched(9)).toEqual([]);
    await table.enrol('crm');
    expect(await attributes(opened, 'crm')).toMatchObject({ watchAt: { N: '8640000000000000' } });
  });

  it('is enrolled at no write where all is there, and nobody who is removed or unknown is', async () => {
    const { table } = await open();
    await table.register('crm', CRM, NOW);
    await table.register('gone', CRM, NOW);
    await table.unregister('gone', NOW, { confirmed: true });
    aws.endpoint.calls.reset();
    for (const name of ['crm', 'gone', 'nobody']) await table.enrol(name);
    expect(aws.endpoint.calls.all.map(({ operation }) => operation)).toEqual([
      'GetItem',
      'GetItem',
      'GetItem',
    ]);
  });

  it('of a newer schema is refused', async () => {
    const opened = await open();
    await opened.table.register('crm', CRM, NOW);
    await write(opened, 'crm', 'schema', { N: '2' });
    await expect(opened.table.enrol('crm')).rejects.toMatchObject({ code: 'NewerSchema' });
  });
});

it('neither a lease nor an attempt under it writes to an index', async () => {
  const projected = stateTableDefinition('any').GlobalSecondaryIndexes.flatMap(
    ({ Projection, KeySchema }) => [
      ...Projection.NonKeyAttributes,
      ...KeySchema.map(({ AttributeName }) => AttributeName),
    ],
  );
  const opened = await open();
  await opened.table.register('crm', CRM, NOW);
  const before = await attributes(opened, 'crm');
  await opened.table.lease('crm', request('a'));
  await opened.table.openAttempt('crm', 'a', { attempt: 'x', versionId: 'v', at: NOW, sends: 1 });
  const after = await attributes(opened, 'crm');
  const changed = Object.keys({ ...before, ...after }).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  expect(changed.length).toBeGreaterThan(3);
  expect(changed.filter((key) => projected.includes(key))).toEqual([]);
});

it('a listing of which another run has written parts meanwhile is none', async () => {
  const opened = await open();
  const { table } = opened;
  const seen = new Uint8Array(400_000);
  await table.keepListing({ startedAt: NOW, keptAt: NOW, next: 'token', declared: 50_000, seen });
  expect((await table.lastListing())?.seen).toHaveLength(400_000);
  await aws.clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: opened.tableName,
      Key: { pk: { S: 'listing#1' } },
      UpdateExpression: 'SET keptAt = :at',
      ExpressionAttributeValues: { ':at': { N: '1' } },
    }),
  );
  expect(await table.lastListing()).toBeUndefined();
});
