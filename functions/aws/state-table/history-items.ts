import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type History, KEPT_OUTCOMES, type PastOutcome } from '../../refresh/ports/history.ts';
import type { Log } from '../../refresh/ports/outside.ts';
import type { StateTable } from '../../refresh/ports/state-table.ts';
import { SCHEMA } from '../stored-schema.ts';
import { createItemTable, type Item, type ItemTable } from './item-table.ts';

/** For how long `flush` tries when its caller does not say. */
const FLUSH_TIMEOUT_MS = 5_000;

const FIELDS = [
  'at',
  'since',
  'times',
  'trigger',
  'grant',
  'outcome',
  'code',
  'message',
  'status',
  'exchangeMs',
  'storeMs',
  'lateMs',
] as const satisfies readonly (keyof PastOutcome)[];

/** One item for each outcome that is kept: a new one takes the place of the oldest. */
export const historyKey = (name: string, slot: number) => `history#${name}#${slot}`;

export interface HistoryProps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly log: Log;
}

/** Outcomes in the state table, written in batches. What cannot be written is in the log all the same. */
export function createHistory({ client, tableName, log }: HistoryProps): History {
  const items = createItemTable({ client, tableName });
  const gathered = new Map<string, Item>();
  return {
    add(name, slot, outcome) {
      const pk = historyKey(name, slot);
      gathered.set(pk, { pk, schema: SCHEMA, ...outcome });
    },
    async flush(options = { signal: AbortSignal.timeout(FLUSH_TIMEOUT_MS) }) {
      const all = [...gathered.values()];
      gathered.clear();
      try {
        await items.putAll(all, options);
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'BatchWriteItem failed';
        log.warn('outcomes could not be written to the history', { outcomes: all.length, reason });
      }
    },
  };
}

/** Reads what connections came to. */
export function createHistoryItems(items: ItemTable): Pick<StateTable, 'history'> {
  return {
    async history(name, options) {
      const keys = Array.from({ length: KEPT_OUTCOMES }, (_, slot) => historyKey(name, slot));
      const found = await items.readAll(keys, options);
      return found.map(pastOutcome).sort((one, other) => other.at - one.at);
    },
  };
}

function pastOutcome(item: Item): PastOutcome {
  const known = FIELDS.filter((field) => item[field] !== undefined);
  return Object.fromEntries(known.map((field) => [field, item[field]])) as unknown as PastOutcome;
}
