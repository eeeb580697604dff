import type { LastingOutcome } from '../../refresh/connection-state.ts';
import type { Fleet, StateTable, WatchedConnection } from '../../refresh/ports/state-table.ts';
import { SCHEMA } from '../stored-schema.ts';
import { nameOfKey } from './connection-item.ts';
import type { Item, ItemTable } from './item-table.ts';
import { DUE_INDEX, WATCH_INDEX } from './state-table-definition.ts';

const FLEET = 'fleet';

/** How all connections stand, at a cost that does not grow with their number. */
export function createWatchItems(items: ItemTable): Pick<StateTable, 'watched' | 'noteFleet' | 'fleet'> {
  return {
    async watched(limit, options) {
      const read = { condition: '#queue = :queue', values: { queue: DUE_INDEX }, pageSize: limit };
      const page = await items.queryPage(WATCH_INDEX, read, options);
      return page.map(watchedConnection);
    },
    noteFleet: (fleet, options) => items.put({ pk: FLEET, schema: SCHEMA, ...fleet }, options),
    async fleet(options) {
      const item = await items.read(FLEET, options);
      return item && fleetOf(item);
    },
  };
}

function watchedConnection(item: Item): WatchedConnection {
  const { pk, watchAt, lastOutcome } = item;
  return {
    name: nameOfKey(pk),
    watchAt: Number(watchAt),
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

function fleetOf({ at, registered, paused, refreshTokenEnds }: Item): Fleet {
  const ends = Array.isArray(refreshTokenEnds)
    ? refreshTokenEnds.filter((end) => typeof end === 'number')
    : [];
  return { at: Number(at), registered: Number(registered), paused: Number(paused), refreshTokenEnds: ends };
}
