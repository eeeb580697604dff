import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { TestAws } from '../../support/aws.ts';

const Key = { pk: { S: 'one' } };
let aws: TestAws;
let TableName: string;

beforeAll(async () => {
  aws = await TestAws.start();
  TableName = await aws.createStateTable();
});

afterAll(() => aws[Symbol.asyncDispose]());

beforeEach(async () => {
  const Item = { ...Key, count: { N: '1' }, deep: { M: { list: { L: [{ S: 'a' }] } } } };
  await aws.clients.dynamodb.send(new PutItemCommand({ TableName, Item }));
});

async function item() {
  return (await aws.clients.dynamodb.send(new GetItemCommand({ TableName, Key }))).Item;
}

/** What is wrong with an update; `undefined` when it was made. */
async function update(input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Promise<string | undefined> {
  try {
    await aws.clients.dynamodb.send(new UpdateItemCommand({ TableName, Key, ...input }));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

it('an expression that comes again has the values of its own request', async () => {
  const set = (value: string, expected: string) =>
    update({
      UpdateExpression: 'SET #count = :value',
      ConditionExpression: '#count = :expected',
      ExpressionAttributeNames: { '#count': 'count' },
      ExpressionAttributeValues: { ':value': { N: value }, ':expected': { N: expected } },
    });
  expect(await set('2', '1')).toBeUndefined();
  expect(await set('3', '1')).toBe('The conditional request failed');
  expect(await set('3', '2')).toBeUndefined();
  expect(await item()).toMatchObject({ count: { N: '3' } });
});

it('the same expression with other names reaches other attributes', async () => {
  const set = (name: string, value: string) =>
    update({
      UpdateExpression: 'SET #name = if_not_exists(#name, :zero) + :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': { N: value }, ':zero': { N: '0' } },
    });
  for (const [name, value] of [
    ['count', '5'],
    ['other', '7'],
    ['count', '1'],
  ] as const) {
    expect(await set(name, value)).toBeUndefined();
  }
  expect(await item()).toMatchObject({ count: { N: '7' }, other: { N: '7' } });
});

it('the same expression with a value of another type is judged anew', async () => {
  const add = (value: { N: string } | { S: string }) =>
    update({ UpdateExpression: 'SET c = c0 + :value', ExpressionAttributeValues: { ':value': value } });
  expect(await add({ S: 'x' })).toContain('Incorrect operand type for operator or function');
  expect(await add({ N: '1' })).toContain('attribute that does not exist in the item');
  expect(await add({ S: 'x' })).toContain('Incorrect operand type for operator or function');
});

it('a value in a list, a path into a document, and a bound below the other are as they are without a memory', async () => {
  const append = (value: string) =>
    update({
      UpdateExpression: 'SET deep.#list = list_append(deep.#list, :value)',
      ConditionExpression: 'deep.#list[0] IN (:a, :b)',
      ExpressionAttributeNames: { '#list': 'list' },
      ExpressionAttributeValues: { ':value': { L: [{ S: value }] }, ':a': { S: 'a' }, ':b': { S: 'b' } },
    });
  expect(await append('b')).toBeUndefined();
  expect(await append('c')).toBeUndefined();
  expect((await item())?.['deep']).toEqual({ M: { list: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }] } } });
  const between = (low: string, high: string) =>
    update({
      UpdateExpression: 'REMOVE nothing',
      ConditionExpression: 'pk BETWEEN :low AND :high',
      ExpressionAttributeValues: { ':low': { S: low }, ':high': { S: high } },
    });
  expect(await between('a', 'z')).toBeUndefined();
  expect(await between('z', 'a')).toContain(
    'requires upper bound to be greater than or equal to lower bound',
  );
});

it('what is named and not used is still refused', async () => {
  const set = (more: object) =>
    update({
      UpdateExpression: 'SET used = :used',
      ExpressionAttributeValues: { ':used': { S: 'x' }, ...more },
    });
  expect(await set({})).toBeUndefined();
  expect(await set({ ':unused': { S: 'y' } })).toContain('unused in expressions: keys: {:unused}');
  expect(await set({})).toBeUndefined();
});

it('a condition on a key, either way round, finds the same each time', async () => {
  const found = async (
    input: Pick<QueryCommandInput, 'KeyConditionExpression' | 'ExpressionAttributeValues'>,
  ) => (await aws.clients.dynamodb.send(new QueryCommand({ TableName, ...input }))).Count;
  const at = (pk: string) => ({
    KeyConditionExpression: ':pk = pk',
    ExpressionAttributeValues: { ':pk': { S: pk } },
  });
  expect([await found(at('one')), await found(at('two')), await found(at('one'))]).toEqual([1, 0, 1]);
});
