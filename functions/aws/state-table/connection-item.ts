import type { ConnectionState } from '../../refresh/connection-state.ts';
import { StoreError } from '../../refresh/ports/stores.ts';
import { readableState } from '../../refresh/rules/readable-state.ts';
import { refuseNewerSchema } from '../stored-schema.ts';
import type { Item } from './item-table.ts';

/** What the partition keys of connections begin with. */
export const CONNECTION_PREFIX = 'connection#';

export function connectionKey(name: string): string {
  return `${CONNECTION_PREFIX}${name}`;
}

export function nameOfKey(pk: unknown): string {
  return String(pk).slice(CONNECTION_PREFIX.length);
}

/** Conditions that several updates share. `:now`, `:owner` and `:schema` are theirs. */
export const REGISTERED = 'attribute_exists(#pk) AND attribute_not_exists(#removedAt)';
export const UNHELD = '(attribute_not_exists(#leaseOwner) OR #leaseEndsAt <= :now)';
export const KNOWN_SCHEMA = '#schema <= :schema';

const OWN: ReadonlySet<string> = new Set(['queue', 'registered', 'digest', 'missingAt', 'dueAgainAt']);

/**
 * The state that an item holds, its definition as stored. The keys of indexes and what only this adapter uses
 * stay out of it: `digest`, of the definition, `missingAt`, when the declaration was first not found, and `dueAgainAt`,
 * when a definition that changed since the last lease is to be tried.
 * @throws StoreError `malformed` for a newer schema
 */
export function toConnectionState(item: Item): ConnectionState {
  const { pk, ...rest } = item;
  const attributes = Object.fromEntries(Object.entries(rest).filter(([key]) => !OWN.has(key)));
  refuseNewerSchema(attributes['schema'], `state item ${String(pk)}`);
  return readableState({ ...attributes, name: nameOfKey(pk) });
}

/** The same for whoever looks at all of them: one of a newer schema keeps nobody from seeing the others. */
export function toListedState(item: Item): ConnectionState {
  try {
    return toConnectionState(item);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const state = readableState({ name: nameOfKey(item['pk']) });
    return { ...state, unreadable: ['schema'] };
  }
}
