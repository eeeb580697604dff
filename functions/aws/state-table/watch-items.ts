import type { LastingOutcome } from '../../refresh/connection-state.ts';
import type { StateTable, WatchedConnection } from '../../refresh/ports/state-table.ts';
import { nameOfKey } from './connection-item.ts';
import type { Item, ItemTable } from './item-table.ts';
import { DUE_INDEX, WATCH_INDEX } from './state-table-definition.ts';

/** How all connections stand, at a cost that does not grow with their number. */
export function createWatchItems(items: ItemTable): Pick<StateTable, 'watched'> {
  return {
    async watched(limit, options) {
      const read = { condition: '#queue = :queue', values: { queue: DUE_INDEX }, pageSize: limit };
      const page = await items.queryPage(WATCH_INDEX, read, options);
      return page.map(watchedConnection);
    },
  };
}

function watchedConnection(item: Item): WatchedConnection {
  const { pk, watchAt, dueAt, lastOutcome } = item;
  return {
    name: nameOfKey(pk),
    watchAt: Number(watchAt),
    // One that does not say is looked at.
    dueAt: Number(dueAt ?? 0),
    ...amount(item, 'needAt'),
    ...amount(item, 'dangerAt'),
    ...amount(item, 'expiresAt'),
    ...(typeof lastOutcome === 'string' && { lastOutcome: lastOutcome as LastingOutcome }),
  };
}

/** What stands in the table may have been written past all checks. */
function amount<Key extends string>(item: Item, key: Key): Partial<Record<Key, number>> {
  const value = item[key];
  return typeof value === 'number' ? ({ [key]: value } as Partial<Record<Key, number>>) : {};
}
