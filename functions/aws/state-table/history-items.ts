import { KEPT_OUTCOMES, type PastOutcome } from '../../refresh/ports/history.ts';
import type { StateTable } from '../../refresh/ports/state-table.ts';
import type { Item, ItemTable } from './item-table.ts';

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
