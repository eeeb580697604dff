/**
 * The calls that one of the functions makes, by the clients that it makes them with, one after the other, and nothing
 * else: what is measured beside it is what the calls leave to be won.
 */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import Client from 'undici/lib/dispatcher/client.js';

const { CREDENTIALS, TOKEN, TOKEN_URL = '', STATE_TABLE: TableName } = process.env;
const config = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};
const dynamodb = new DynamoDBClient(config);
const secrets = new SecretsManagerClient(config);

const Key = { pk: { S: 'bare-calls' } };
let credentials: { readonly client_id: string; readonly client_secret: string };

const CALLS = {
  Query: () =>
    dynamodb.send(
      new QueryCommand({
        TableName,
        IndexName: 'due',
        KeyConditionExpression: '#queue = :due AND #dueAt <= :now',
        ExpressionAttributeNames: { '#queue': 'queue', '#dueAt': 'dueAt' },
        ExpressionAttributeValues: { ':due': { S: 'bare' }, ':now': { N: String(Date.now()) } },
      }),
    ),
  GetItem: () => dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true })),
  BatchGetItem: () =>
    dynamodb.send(new BatchGetItemCommand({ RequestItems: { [String(TableName)]: { Keys: [Key] } } })),
  PutItem: () => dynamodb.send(new PutItemCommand({ TableName, Item: { ...Key, firstAt: { N: '1' } } })),
  UpdateItem: () =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET #owner = :owner, #endsAt = :endsAt REMOVE #attempt',
        ConditionExpression: 'attribute_not_exists(#removedAt)',
        ExpressionAttributeNames: {
          '#owner': 'owner',
          '#endsAt': 'endsAt',
          '#attempt': 'attempt',
          '#removedAt': 'removedAt',
        },
        ExpressionAttributeValues: { ':owner': { S: 'bare' }, ':endsAt': { N: String(Date.now()) } },
        ReturnValues: 'ALL_NEW',
      }),
    ),
  BatchWriteItem: () =>
    dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: { [String(TableName)]: [{ PutRequest: { Item: { ...Key, outcome: { S: 'bare' } } } }] },
      }),
    ),
  async GetSecretValue() {
    const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: CREDENTIALS }));
    credentials = JSON.parse(SecretString);
  },
  async PutSecretValue() {
    const SecretString = await exchange();
    await secrets.send(new PutSecretValueCommand({ SecretId: TOKEN, SecretString }));
  },
  async PutEvents() {
    const { EventBridgeClient, PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
    const Entries = [{ Source: 'bare-calls', DetailType: 'Bare', Detail: '{}' }];
    await new EventBridgeClient(config).send(new PutEventsCommand({ Entries }));
  },
} satisfies Readonly<Record<string, () => Promise<unknown>>>;

/** Makes them. @throws Error for one that is not known here */
export async function handler({ calls }: { readonly calls: readonly (keyof typeof CALLS)[] }) {
  for (const call of calls) {
    if (!Object.hasOwn(CALLS, call)) throw new Error(`${call} is no call that is known here`);
    await CALLS[call]();
  }
}

/** Over a connection of its own, by the client that the functions have. */
async function exchange(): Promise<string> {
  const { origin, pathname } = new URL(TOKEN_URL);
  const { client_id, client_secret } = credentials;
  const client = new Client(origin, { allowH2: false, pipelining: 0 });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = '';
  client.dispatch(
    {
      method: 'POST',
      path: pathname,
      headers: {
        authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    },
    {
      onRequestStart() {},
      onResponseStart() {},
      onResponseData: (_controller, chunk) => {
        answer += chunk;
      },
      onResponseEnd: () => resolve(answer),
      onResponseError: (_controller, error) => reject(error),
    },
  );
  const token = await promise;
  client.destroy().catch(() => {});
  return token;
}
