import {
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { createTable, runningEndpoint } from './support/running-endpoint.ts';

const TABLE: Partial<CreateTableCommandInput> & { TableName: string } = {
  TableName: 'state',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'queue', AttributeType: 'S' },
    { AttributeName: 'dueAt', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'due',
      KeySchema: [
        { AttributeName: 'queue', KeyType: 'HASH' },
        { AttributeName: 'dueAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

async function withTable() {
  const running = await runningEndpoint();
  await createTable(running.tables, TABLE);
  return running;
}

const item = (name: string, dueAt: number, queue = 'due') => ({
  pk: { S: `connection#${name}` },
  queue: { S: queue },
  dueAt: { N: String(dueAt) },
});

it('does not find a table that is not there', async () => {
  const { tables } = await runningEndpoint();
  const read = new GetItemCommand({ TableName: 'absent', Key: { pk: { S: 'x' } } });
  await expect(tables.send(read)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

it('shows the key that a table was created under', async () => {
  const { tables } = await withTable();
  const key = 'arn:aws:kms:us-east-1:000000000000:key/k';
  const encrypted = (TableName: string) => ({
    ...TABLE,
    TableName,
    SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: key } as const,
  });
  await createTable(tables, encrypted('encrypted'));
  const described = async (TableName: string) =>
    (await tables.send(new DescribeTableCommand({ TableName }))).Table;
  expect(await described('state')).not.toHaveProperty('SSEDescription');
  expect(await described('encrypted')).toMatchObject({
    TableName: 'encrypted',
    TableStatus: 'ACTIVE',
    SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: key },
  });
});

it('refuses a conditional write whose condition fails, and leaves the item alone', async () => {
  const { tables } = await withTable();
  const TableName = 'state';
  await tables.send(new PutItemCommand({ TableName, Item: item('crm', 10) }));
  const lease = (condition: string) =>
    tables.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: 'connection#crm' } },
        UpdateExpression: 'SET leaseOwner = :me',
        ConditionExpression: condition,
        ExpressionAttributeValues: { ':me': { S: 'me' } },
        ReturnValues: 'ALL_NEW',
      }),
    );
  await expect(lease('leaseOwner = :me')).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  const read = new GetItemCommand({ TableName, Key: { pk: { S: 'connection#crm' } }, ConsistentRead: true });
  expect((await tables.send(read)).Item).toEqual(item('crm', 10));
  const { Attributes } = await lease('attribute_not_exists(leaseOwner)');
  expect(Attributes).toMatchObject({ leaseOwner: { S: 'me' }, dueAt: { N: '10' } });
});

it('queries an index in order of the range key', async () => {
  const { tables, endpoint } = await withTable();
  for (const [name, dueAt] of Object.entries({ late: 30, soon: 9, now: 1 })) {
    await tables.send(new PutItemCommand({ TableName: 'state', Item: item(name, dueAt) }));
  }
  await tables.send(new PutItemCommand({ TableName: 'state', Item: item('other', 2, 'paused') }));
  const due = await tables.send(
    new QueryCommand({
      TableName: 'state',
      IndexName: 'due',
      KeyConditionExpression: 'queue = :queue AND dueAt <= :now',
      ExpressionAttributeValues: { ':queue': { S: 'due' }, ':now': { N: '10' } },
    }),
  );
  expect(due.Items?.map(({ pk }) => pk?.S)).toEqual(['connection#now', 'connection#soon']);
  expect(endpoint.calls.count({ service: 'dynamodb', operation: 'PutItem', resource: 'state' })).toBe(4);
});

it('scans, and forgets a deleted table', async () => {
  const { tables } = await withTable();
  await tables.send(new PutItemCommand({ TableName: 'state', Item: item('crm', 1) }));
  expect((await tables.send(new ScanCommand({ TableName: 'state' }))).Count).toBe(1);
  await tables.send(new DeleteTableCommand({ TableName: 'state' }));
  await expect(tables.send(new ScanCommand({ TableName: 'state' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

it('refuses other operations by name', async () => {
  const { tables } = await withTable();
  const write = { Put: { TableName: 'state', Item: item('crm', 1) } };
  await expect(tables.send(new TransactWriteItemsCommand({ TransactItems: [write] }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('TransactWriteItems'),
  });
});
