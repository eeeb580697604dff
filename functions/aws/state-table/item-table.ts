import {
  type AttributeValue,
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
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import { sendOptions, storeCall } from '../aws-error.ts';
import { createItemBatches } from './item-batches.ts';

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

  const updateCommand = (
    pk: string,
    { update, condition, values }: ConditionalUpdate,
    returned: 'ALL_NEW' | 'NONE',
  ) =>
    new UpdateItemCommand({
      TableName: tableName,
      Key: marshall({ pk }),
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeNames: attributeNames(update, condition ?? ''),
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: attributeValues(values) }),
      ReturnValues: returned,
    });

  const indexQuery = (indexName: string, read: PagedRead): QueryCommandInput => ({
    TableName: tableName,
    IndexName: indexName,
    KeyConditionExpression: read.condition,
    ExpressionAttributeNames: attributeNames(read.condition),
    ExpressionAttributeValues: attributeValues(read.values),
    Limit: read.pageSize,
  });

  return {
    ...createItemBatches({ client, tableName }),

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

    /** The item as it is now; `undefined` when the condition did not hold. */
    async update(pk: string, change: ConditionalUpdate, options?: CallOptions): Promise<Item | undefined> {
      const command = updateCommand(pk, change, 'ALL_NEW');
      const answer = await conditionally('UpdateItem', () => client.send(command, sendOptions(options)));
      return answer && unmarshall(answer.Attributes ?? {});
    },

    /** The same where nobody looks at the item: whether the condition held. */
    async set(pk: string, change: ConditionalUpdate, options?: CallOptions): Promise<boolean> {
      const command = updateCommand(pk, change, 'NONE');
      return (
        (await conditionally('UpdateItem', () => client.send(command, sendOptions(options)))) !== undefined
      );
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

/** By expression: there are few of them, and each is used for every connection. */
const namesOf = new Map<string, Record<string, string>>();
const MOST_EXPRESSIONS = 500;

function attributeNames(...expressions: readonly string[]): Record<string, string> {
  const text = expressions.join(' ');
  const known = namesOf.get(text);
  if (known) return known;
  const names = Object.fromEntries((text.match(/#\w+/g) ?? []).map((alias) => [alias, alias.slice(1)]));
  if (namesOf.size === MOST_EXPRESSIONS) namesOf.clear();
  namesOf.set(text, names);
  return names;
}

function attributeValues(values: Item): Record<string, AttributeValue> {
  const named = Object.entries(values).map(([key, value]) => [`:${key}`, value]);
  return marshall(Object.fromEntries(named), { removeUndefinedValues: true });
}
