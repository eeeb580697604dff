import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../../connections/connection.ts';
import { definitionDigest } from '../../connections/definition-digest.ts';
import { isWaiting } from '../../refresh/rules/health.ts';
import { REVOKED } from '../../refresh/rules/refusal.ts';
import { UNWATCHED_AT, watchOf } from '../../refresh/rules/watch.ts';
import { SCHEMA } from '../stored-schema.ts';
import { nameOfKey, toConnectionState } from './connection-item.ts';
import type { ConditionalUpdate, Item } from './item-table.ts';
import { DUE_INDEX, WATCH_INDEX } from './state-table-definition.ts';

/** What a person resumes is tried again, whatever was said of it before. */
export function resumption(item: Item | undefined, condition: string, now: number) {
  // What was revoked here is dead for sure.
  const refusal = ['refusedRefreshTokenVersionId', 'refusedUnder', 'refusedAt', 'refusals'];
  const isRevoked = item?.['refusedUnder'] === REVOKED || item?.['lastErrorCode'] === REVOKED;
  const forgotten = ['paused', ...(isRevoked ? [] : refusal)];
  const waits = isWaiting(item?.['lastOutcome'] as string | undefined);
  const { paused: _, ...rest } = item ?? newItem('', {} as Connection, now);
  const resumed = { ...rest, queuedAt: now };
  const watch = watched({ ...resumed, ...(waits && { lastOutcome: 'retry-later', dueAt: now }) });
  const set = [
    '#queue = :due',
    '#queuedAt = :now',
    ...(waits ? ['#lastOutcome = :retryLater', '#dueAt = :now'] : []),
    ...watch.set,
  ];
  return {
    update: `SET ${set.join(', ')} REMOVE ${[...forgotten, ...watch.gone].map((each) => `#${each}`).join(', ')}`,
    condition,
    values: { now, due: DUE_INDEX, ...(waits && { retryLater: 'retry-later' }), ...watch.kept },
  };
}

export function newItem(pk: string, definition: Connection, dueAt: number): Item {
  const item = {
    pk,
    schema: SCHEMA,
    definition: plain(definition),
    digest: definitionDigest(nameOfKey(pk), definition),
    registered: WATCH_INDEX,
    queue: DUE_INDEX,
    dueAt,
    queuedAt: dueAt,
    generation: 0,
    failures: 0,
    writesByHour: {},
  };
  return { ...item, ...watched(item).kept };
}

export function pause(condition: string, now: number): ConditionalUpdate {
  return {
    update: 'SET #paused = :true, #watchAt = :unwatched REMOVE #queue, #needAt, #dangerAt',
    condition,
    values: { now, true: true, unwatched: UNWATCHED_AT },
  };
}

/**
 * Puts it into the indexes, each in its place and with the digest of what it holds; `undefined` where it is there. An
 * earlier version knows of neither, and whoever edits the table may take them away.
 */
export function placement(item: Item): ConditionalUpdate | undefined {
  const { paused, queue, registered, watchAt } = item;
  const digest = definitionDigest(nameOfKey(item['pk']), item['definition']);
  const isQueued = paused === true || queue === DUE_INDEX;
  const isWatched = watchAt !== undefined && (paused === true) === (watchAt === UNWATCHED_AT);
  if (registered === WATCH_INDEX && item['digest'] === digest && isQueued && isWatched) return undefined;
  const watch = watched(item);
  const set = [
    '#registered = :watch',
    '#digest = :digest',
    ...(paused === true ? [] : ['#queue = :due']),
    ...watch.set,
  ];
  const unchanged = unchangedSince(item);
  return {
    update: `SET ${set.join(', ')}${watch.gone.length > 0 ? ` REMOVE ${watch.gone.map((each) => `#${each}`).join(', ')}` : ''}`,
    condition: unchanged.condition,
    values: {
      digest,
      watch: WATCH_INDEX,
      ...(paused !== true && { due: DUE_INDEX }),
      ...watch.kept,
      ...unchanged.values,
    },
  };
}

/** Holds while nothing was committed, paused, resumed, declared anew or removed. */
function unchangedSince({ dueAt, paused, removedAt }: Item) {
  const isThere = (key: string, value: unknown) =>
    `${value === undefined ? 'attribute_not_exists' : 'attribute_exists'}(#${key})`;
  const isDueThen = dueAt === undefined ? isThere('dueAt', dueAt) : '#dueAt = :seenDueAt';
  return {
    condition: [isDueThen, isThere('paused', paused), isThere('removedAt', removedAt)].join(' AND '),
    values: dueAt === undefined ? {} : { seenDueAt: dueAt },
  };
}

/** Its place among those who are watched: attributes to set, and those that must go. */
function watched(item: Item) {
  const entries = Object.entries(watchOf(toConnectionState(item)));
  const kept = Object.fromEntries(entries.filter(([, at]) => at !== null));
  const gone = entries.filter(([, at]) => at === null).map(([key]) => key);
  return { kept, gone, set: Object.keys(kept).map((key) => `#${key} = :${key}`) };
}

/**
 * The update holds only for the item that was read: any commit, pause or removal since changes one of the
 * attributes in the condition. `dueAgainAt` outlives the commit of a refresh that is under way with the old
 * definition; the next lease forgets it.
 */
export function changedDefinition(item: Item, definition: Connection, dueAt: number) {
  const queued = item['paused'] !== true;
  // It waited for a person, and a new definition is what a person does.
  const waiting = isWaiting(item['lastOutcome'] as string | undefined);
  const anew = { definition: plain(definition), dueAt, queuedAt: dueAt };
  const watch = watched({ ...item, ...anew, ...(waiting && { lastOutcome: 'retry-later' }) });
  const set = [
    '#definition = :definition',
    '#digest = :digest',
    '#registered = :watch',
    '#dueAt = :dueAt',
    '#dueAgainAt = :dueAt',
    '#queuedAt = :dueAt',
    ...(queued ? ['#queue = :due'] : []),
    ...(waiting ? ['#lastOutcome = :retryLater'] : []),
    ...watch.set,
  ];
  const unchanged = unchangedSince(item);
  return {
    update: `SET ${set.join(', ')} REMOVE ${['removedAt', 'missingAt', ...watch.gone].map((each) => `#${each}`).join(', ')}`,
    condition: unchanged.condition,
    values: {
      ...unchanged.values,
      definition: plain(definition),
      digest: definitionDigest(nameOfKey(item['pk']), definition),
      watch: WATCH_INDEX,
      dueAt,
      ...(queued && { due: DUE_INDEX }),
      ...(waiting && { retryLater: 'retry-later' }),
      ...watch.kept,
    },
  };
}

export function sameDefinition(stored: unknown, definition: Connection): boolean {
  return isDeepStrictEqual(plain(stored), plain(definition));
}

/** As JSON would carry it: without `undefined`, with plain prototypes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
