import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandOutput,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import pLimit from 'p-limit';
import type { CallOptions } from '../../refresh/ports/outside.ts';
import { StoreError } from '../../refresh/ports/stores.ts';
import { sendOptions, storeCall } from '../aws-error.ts';

type Item = Readonly<Record<string, unknown>>;

const MAX_READ_AT_ONCE = 100;
const MAX_WRITTEN_AT_ONCE = 25;
/** Batches under way at once. */
const BATCHES_AT_ONCE = 8;
/** How often a batch is sent: what was not processed is sent again. */
const MAX_TRIES = 5;

/** Calls for many items at once, each of as many as it takes, some of them side by side. Every method throws StoreError. */
export function createItemBatches({
  client,
  tableName,
}: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}) {
  async function readBatch(keys: readonly string[], options: CallOptions | undefined): Promise<Item[]> {
    const found: Item[] = [];
    let left: NonNullable<BatchGetItemCommand['input']['RequestItems']>[string]['Keys'] = keys.map((pk) =>
      marshall({ pk }),
    );
    for (let tries = 0; left !== undefined && left.length > 0; tries += 1) {
      if (tries === MAX_TRIES) throw unprocessed(`BatchGetItem ${tableName}: keys stay unprocessed`);
      const command = new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: left } } });
      const answer: BatchGetItemCommandOutput = await storeCall(`BatchGetItem ${tableName}`, () =>
        client.send(command, sendOptions(options)),
      );
      found.push(...(answer.Responses?.[tableName] ?? []).map((item) => unmarshall(item)));
      left = answer.UnprocessedKeys?.[tableName]?.Keys;
    }
    return found;
  }

  async function writeBatch(items: readonly Item[], options: CallOptions | undefined): Promise<void> {
    let left = items.map((item) => ({ PutRequest: { Item: marshall(item) } })) as WriteRequest[];
    for (let tries = 0; left.length > 0; tries += 1) {
      if (tries === MAX_TRIES) throw unprocessed(`BatchWriteItem ${tableName}: items stay unprocessed`);
      const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: left } });
      const answer: BatchWriteItemCommandOutput = await storeCall(`BatchWriteItem ${tableName}`, () =>
        client.send(command, sendOptions(options)),
      );
      left = answer.UnprocessedItems?.[tableName] ?? [];
    }
  }

  return {
    /** The items that exist, in no order. */
    async readAll(pks: readonly string[], options?: CallOptions): Promise<readonly Item[]> {
      const batches = inBatches([...new Set(pks)], MAX_READ_AT_ONCE, (keys) => readBatch(keys, options));
      return (await batches).flat();
    },

    /** Writes the items whatever was there, in no order, each by a key of its own. */
    async putAll(written: readonly Item[], options?: CallOptions): Promise<void> {
      await inBatches(written, MAX_WRITTEN_AT_ONCE, (items) => writeBatch(items, options));
    },
  };
}

function inBatches<T, R>(
  all: readonly T[],
  size: number,
  work: (batch: readonly T[]) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit(BATCHES_AT_ONCE);
  const starts = Array.from({ length: Math.ceil(all.length / size) }, (_, index) => index * size);
  return Promise.all(starts.map((start) => limit(() => work(all.slice(start, start + size)))));
}

const unprocessed = (message: string) => new StoreError('transient', 'UnprocessedKeys', message);
