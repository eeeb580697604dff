import type { LastingOutcome } from '../../refresh/connection-state.ts';
import type { RegisteredConnection, StateTable, WatchedConnection } from '../../refresh/ports/state-table.ts';
import { UNWATCHED_AT } from '../../refresh/rules/watch.ts';
import { nameOfKey } from './connection-item.ts';
import type { Item, ItemTable } from './item-table.ts';
import { WATCH_INDEX } from './state-table-definition.ts';

/** Little enough that a page takes no memory worth speaking of, and much enough that its way takes no time. */
const REGISTERED_PAGE = 1_000;

/** How all connections stand, at a cost that does not grow with their number; and who they are, at one that does. */
export function createWatchItems(items: ItemTable): Pick<StateTable, 'watched' | 'registered'> {
  return {
    async watched(limit, options) {
      const condition = '#registered = :watch AND #watchAt < :unwatched';
      const values = { watch: WATCH_INDEX, unwatched: UNWATCHED_AT };
      const page = await items.queryPage(WATCH_INDEX, { condition, values, pageSize: limit }, options);
      // One that an earlier version paused may not be in its place.
      return page.filter(({ paused }) => paused !== true).map(watchedConnection);
    },

    async *registered(options) {
      const condition = '#registered = :watch';
      const read = { condition, values: { watch: WATCH_INDEX }, pageSize: REGISTERED_PAGE };
      for await (const item of items.query(WATCH_INDEX, read, options)) yield registeredConnection(item);
    },
  };
}

function watchedConnection(item: Item): WatchedConnection {
  return {
    name: nameOfKey(item['pk']),
    watchAt: Number(item['watchAt']),
    // One that does not say is looked at.
    dueAt: Number(item['dueAt'] ?? 0),
    ...only(item, ['needAt', 'dangerAt', 'expiresAt'], 'number'),
    ...outcomeOf(item),
  };
}

function registeredConnection(item: Item): RegisteredConnection {
  const { untold } = item;
  return {
    name: nameOfKey(item['pk']),
    ...only(item, ['digest', 'neededFor'], 'string'),
    ...only(item, ['missingAt', 'needAt', 'neededToldAt', 'refreshTokenExpiresAt'], 'number'),
    ...only(item, ['paused', 'endStays', 'onlyRefreshed'], 'boolean'),
    ...(Array.isArray(untold) && { untold: untold.map(String) }),
    ...outcomeOf(item),
  };
}

function outcomeOf({ lastOutcome }: Item): { readonly lastOutcome?: LastingOutcome } {
  return typeof lastOutcome === 'string' ? { lastOutcome: lastOutcome as LastingOutcome } : {};
}

interface Types {
  readonly number: number;
  readonly string: string;
  readonly boolean: boolean;
}

/** What stands in the table may have been written past all checks. */
function only<Key extends string, Type extends keyof Types>(
  item: Item,
  keys: readonly Key[],
  type: Type,
): Partial<Record<Key, Types[Type]>> {
  const known = keys.filter((key) => typeof item[key] === type);
  return Object.fromEntries(known.map((key) => [key, item[key]])) as Partial<Record<Key, Types[Type]>>;
}
