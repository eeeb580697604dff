import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandOutput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import { StoreError } from '../../refresh/ports/stores.ts';
import { sendOptions, storeCall } from '../aws-error.ts';

/** An item's attributes as plain values. */
export type Item = Readonly<Record<string, unknown>>;

/**
 * Expressions name attributes as `#name` and values as `:name`; the names are aliased from the text, as
 * DynamoDB reserves many words.
 */
export interface ConditionalUpdate {
  readonly update: string;
  /** Default: none. */
  readonly condition?: string;
  readonly values: Item;
}

export interface PagedRead {
  readonly condition: string;
  readonly values: Item;
  readonly pageSize: number;
}

const MAX_BATCH = 100;
const MAX_WRITTEN_AT_ONCE = 25;
/** Rounds beyond those that the number of keys takes: what was not processed is sent again with them. */
const MAX_BATCH_ROUNDS = 5;

/** The calls that the state table makes, one method an operation. Every method throws StoreError. */
export function createItemTable({
  client,
  tableName,
}: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}) {
  const call = <T>(operation: string, run: () => Promise<T>) => storeCall(`${operation} ${tableName}`, run);

  /** `undefined` when the condition did not hold. */
  const conditionally = async <T>(operation: string, run: () => Promise<T>): Promise<T | undefined> =>
    call(operation, async () => {
      try {
        return await run();
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    });

  async function* pages(
    operation: string,
    read: (startKey: Record<string, AttributeValue> | undefined) => Promise<{
      Items?: Record<string, AttributeValue>[] | undefined;
      LastEvaluatedKey?: Record<string, AttributeValue> | undefined;
    }>,
  ): AsyncGenerator<Item> {
    let startKey: Record<string, AttributeValue> | undefined;
    do {
      const page = await call(operation, () => read(startKey));
      for (const item of page.Items ?? []) yield unmarshall(item);
      startKey = page.LastEvaluatedKey;
    } while (startKey !== undefined);
  }

  const indexQuery = (indexName: string, read: PagedRead): QueryCommandInput => ({
    TableName: tableName,
    IndexName: indexName,
    KeyConditionExpression: read.condition,
    ExpressionAttributeNames: attributeNames(read.condition),
    ExpressionAttributeValues: attributeValues(read.values),
    Limit: read.pageSize,
  });

  return {
    /** Strongly consistent. */
    async read(pk: string, options?: CallOptions): Promise<Item | undefined> {
      const command = new GetItemCommand({
        TableName: tableName,
        Key: marshall({ pk }),
        ConsistentRead: true,
      });
      const answer = await call('GetItem', () => client.send(command, sendOptions(options)));
      return answer.Item && unmarshall(answer.Item);
    },

    /** The items that exist, in no order. */
    async readAll(pks: readonly string[], options?: CallOptions): Promise<readonly Item[]> {
      const found: Item[] = [];
      const wanted = [...new Set(pks)].map((pk) => marshall({ pk }));
      for (let rounds = 0; wanted.length > 0; rounds += 1) {
        if (rounds === Math.ceil(pks.length / MAX_BATCH) + MAX_BATCH_ROUNDS) {
          throw unprocessed(`BatchGetItem ${tableName}: keys stay unprocessed`);
        }
        const command = new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: wanted.splice(0, MAX_BATCH) } },
        });
        const answer: BatchGetItemCommandOutput = await call('BatchGetItem', () =>
          client.send(command, sendOptions(options)),
        );
        found.push(...(answer.Responses?.[tableName] ?? []).map((item) => unmarshall(item)));
        wanted.push(...(answer.UnprocessedKeys?.[tableName]?.Keys ?? []));
      }
      return found;
    },

    /** The item as it is now; `undefined` when the condition did not hold. */
    async update(
      pk: string,
      { update, condition, values }: ConditionalUpdate,
      options?: CallOptions,
    ): Promise<Item | undefined> {
      const command = new UpdateItemCommand({
        TableName: tableName,
        Key: marshall({ pk }),
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeNames: attributeNames(update, condition ?? ''),
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: attributeValues(values) }),
        ReturnValues: 'ALL_NEW',
      });
      const answer = await conditionally('UpdateItem', () => client.send(command, sendOptions(options)));
      return answer && unmarshall(answer.Attributes ?? {});
    },

    /** Writes the item unless there is one; `false` when there is. */
    async create(item: Item, options?: CallOptions): Promise<boolean> {
      const command = new PutItemCommand({
        TableName: tableName,
        Item: marshall(item, { removeUndefinedValues: true }),
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      return (await conditionally('PutItem', () => client.send(command, sendOptions(options)))) !== undefined;
    },

    async put(item: Item, options?: CallOptions): Promise<void> {
      const command = new PutItemCommand({ TableName: tableName, Item: marshall(item) });
      await call('PutItem', () => client.send(command, sendOptions(options)));
    },

    /** Writes the items whatever was there, in no order, each by a key of its own. */
    async putAll(written: readonly Item[], options?: CallOptions): Promise<void> {
      const left = written.map((item) => ({ PutRequest: { Item: marshall(item) } })) as WriteRequest[];
      for (let rounds = 0; left.length > 0; rounds += 1) {
        if (rounds === Math.ceil(written.length / MAX_WRITTEN_AT_ONCE) + MAX_BATCH_ROUNDS) {
          throw unprocessed(`BatchWriteItem ${tableName}: items stay unprocessed`);
        }
        const command = new BatchWriteItemCommand({
          RequestItems: { [tableName]: left.splice(0, MAX_WRITTEN_AT_ONCE) },
        });
        const answer: BatchWriteItemCommandOutput = await call('BatchWriteItem', () =>
          client.send(command, sendOptions(options)),
        );
        left.push(...(answer.UnprocessedItems?.[tableName] ?? []));
      }
    },

    /** Deletes the item, on condition where one is given. */
    async delete(
      pk: string,
      only?: Required<Omit<ConditionalUpdate, 'update'>>,
      options?: CallOptions,
    ): Promise<void> {
      const command = new DeleteItemCommand({
        TableName: tableName,
        Key: marshall({ pk }),
        ...(only && {
          ConditionExpression: only.condition,
          ExpressionAttributeNames: attributeNames(only.condition),
          ExpressionAttributeValues: attributeValues(only.values),
        }),
      });
      await conditionally('DeleteItem', () => client.send(command, sendOptions(options)));
    },

    /** Items of an index in the order of its range key. Eventually consistent. */
    query(indexName: string, read: PagedRead, options?: CallOptions): AsyncGenerator<Item> {
      const input = indexQuery(indexName, read);
      return pages('Query', (startKey) =>
        client.send(new QueryCommand({ ...input, ExclusiveStartKey: startKey }), sendOptions(options)),
      );
    },

    /** The same, but the first page alone: one call, however many there are. */
    async queryPage(indexName: string, read: PagedRead, options?: CallOptions): Promise<readonly Item[]> {
      const command = new QueryCommand(indexQuery(indexName, read));
      const page = await call('Query', () => client.send(command, sendOptions(options)));
      return (page.Items ?? []).map((item) => unmarshall(item));
    },

    /** Every item that meets the condition. Strongly consistent. */
    scan(read: PagedRead, options?: CallOptions): AsyncGenerator<Item> {
      const input: ScanCommandInput = {
        TableName: tableName,
        FilterExpression: read.condition,
        ExpressionAttributeNames: attributeNames(read.condition),
        ExpressionAttributeValues: attributeValues(read.values),
        ConsistentRead: true,
        Limit: read.pageSize,
      };
      return pages('Scan', (startKey) =>
        client.send(new ScanCommand({ ...input, ExclusiveStartKey: startKey }), sendOptions(options)),
      );
    },
  };
}

export type ItemTable = ReturnType<typeof createItemTable>;

const unprocessed = (message: string) => new StoreError('transient', 'UnprocessedKeys', message);

function attributeNames(...expressions: readonly string[]): Record<string, string> {
  const aliases = expressions.flatMap((expression) => expression.match(/#\w+/g) ?? []);
  return Object.fromEntries(aliases.map((alias) => [alias, alias.slice(1)]));
}

function attributeValues(values: Item): Record<string, AttributeValue> {
  const named = Object.entries(values).map(([key, value]) => [`:${key}`, value]);
  return marshall(Object.fromEntries(named), { removeUndefinedValues: true });
}
