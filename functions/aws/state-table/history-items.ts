import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type History, KEPT_OUTCOMES, type PastOutcome } from '../../refresh/ports/history.ts';
import type { CallOptions, Log } from '../../refresh/ports/outside.ts';
import type { StateTable } from '../../refresh/ports/state-table.ts';
import { SCHEMA } from '../stored-schema.ts';
import { createItemTable, type Item, type ItemTable } from './item-table.ts';

/** So many outcomes are not kept until the end. */
const WRITTEN_FROM = 200;
/** For how long they are tried to be written when nobody says. */
const FLUSH_TIMEOUT_MS = 5_000;

const NUMBERS = ['at', 'since', 'times', 'status', 'exchangeMs', 'storeMs', 'lateMs'] as const;
const TEXTS = ['trigger', 'grant', 'outcome', 'code', 'message'] as const;
/** The last instant that a Date can hold. */
const LAST_INSTANT = 8.64e15;

/** One item for each outcome that is kept: a new one takes the place of the oldest. */
export const historyKey = (name: string, slot: number) => `history#${name}#${slot}`;

export interface HistoryProps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly log: Log;
}

/**
 * Outcomes in the state table, written in batches, and while a long tick is at work already. What cannot be written is
 * in the log all the same.
 */
export function createHistory({ client, tableName, log }: HistoryProps): History {
  const items = createItemTable({ client, tableName });
  const gathered = new Map<string, Item>();
  let writing: Promise<void> | undefined;

  async function write(options: CallOptions): Promise<void> {
    const all = [...gathered.values()];
    gathered.clear();
    try {
      await items.putAll(all, options);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'BatchWriteItem failed';
      log.warn('outcomes could not be written to the history', { outcomes: all.length, reason });
    }
  }

  return {
    add(name, slot, outcome) {
      const pk = historyKey(name, slot);
      gathered.set(pk, { pk, schema: SCHEMA, ...outcome });
      if (gathered.size < WRITTEN_FROM) return;
      writing ??= write(limited()).finally(() => {
        writing = undefined;
      });
    },
    async flush(options = limited()) {
      await writing;
      await write(options);
    },
  };
}

const limited = (): CallOptions => ({ signal: AbortSignal.timeout(FLUSH_TIMEOUT_MS) });

/** Reads what connections came to. */
export function createHistoryItems(items: ItemTable): Pick<StateTable, 'history'> {
  return {
    async history(name, options) {
      const keys = Array.from({ length: KEPT_OUTCOMES }, (_, slot) => historyKey(name, slot));
      const found = await items.readAll(keys, options);
      return found.flatMap((item) => pastOutcome(item) ?? []).sort((one, other) => other.at - one.at);
    },
  };
}

/** What may have been written past all checks is left out, field by field, and whole where it is no outcome. */
function pastOutcome(item: Item): PastOutcome | undefined {
  const numbers = NUMBERS.filter((field) => isAmount(item[field]));
  const texts = TEXTS.filter((field) => typeof item[field] === 'string');
  const known = Object.fromEntries([...numbers, ...texts].map((field) => [field, item[field]]));
  const isWhole = ['at', 'since', 'times', 'trigger', 'outcome'].every((field) => field in known);
  return isWhole ? (known as unknown as PastOutcome) : undefined;
}

const isAmount = (value: unknown) => typeof value === 'number' && value >= 0 && value <= LAST_INSTANT;
