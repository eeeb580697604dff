import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../../connections/connection.ts';
import type { StateTable } from '../../refresh/ports/state-table.ts';
import { StoreError } from '../../refresh/ports/stores.ts';
import { isWaiting } from '../../refresh/rules/health.ts';
import { REVOKED } from '../../refresh/rules/refusal.ts';
import { watchOf } from '../../refresh/rules/watch.ts';
import { refuseNewerSchema, SCHEMA } from '../stored-schema.ts';
import { connectionKey, REGISTERED, toConnectionState, UNHELD } from './connection-item.ts';
import type { Item, ItemTable } from './item-table.ts';
import { DUE_INDEX } from './state-table-definition.ts';

/** How far apart two sightings of a missing declaration must be: one run delivered twice is not two runs. */
const SIGHTINGS_APART_MS = 60_000;
const MAX_TRIES = 5;

type Registration = Pick<StateTable, 'register' | 'unregister' | 'setPaused' | 'told' | 'wake' | 'postpone'>;

/** What is registered and whether it is queued. None of it touches what a lease protects. */
export function createRegistrationItems(items: ItemTable): Registration {
  return {
    async register(name, definition, dueAt, options) {
      const pk = connectionKey(name);
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const item = await items.read(pk, options);
        if (item === undefined) {
          if (await items.create(newItem(pk, definition, dueAt), options)) return true;
          continue;
        }
        refuseNewerSchema(item['schema'], `state item ${pk}`);
        if (item['removedAt'] === undefined && sameDefinition(item['definition'], definition)) {
          if (item['missingAt'] !== undefined) await forgetSighting(pk);
          return false;
        }
        if ((await items.update(pk, changedDefinition(item, definition, dueAt), options)) !== undefined) {
          return true;
        }
      }
      throw new StoreError(
        'transient',
        'Contended',
        `state item ${pk} kept changing while it was registered`,
      );

      function forgetSighting(key: string) {
        return items.update(key, { update: 'REMOVE #missingAt', condition: REGISTERED, values: {} }, options);
      }
    },

    async unregister(name, now, { confirmed = false, ...options } = {}) {
      const pk = connectionKey(name);
      const removed = await items.update(
        pk,
        {
          update: 'SET #removedAt = :now REMOVE #queue, #missingAt',
          condition: [REGISTERED, UNHELD, ...(confirmed ? [] : ['#missingAt <= :before'])].join(' AND '),
          values: { now, ...(!confirmed && { before: now - SIGHTINGS_APART_MS }) },
        },
        options,
      );
      if (removed !== undefined) return true;
      if (!confirmed) {
        await items.update(
          pk,
          {
            update: 'SET #missingAt = if_not_exists(#missingAt, :now)',
            condition: REGISTERED,
            values: { now },
          },
          options,
        );
      }
      return false;
    },

    async setPaused(name, paused, now, options) {
      const pk = connectionKey(name);
      const condition = `${REGISTERED} AND ${UNHELD}`;
      const pause = { update: 'SET #paused = :true REMOVE #queue', condition, values: { now, true: true } };
      const changed = paused
        ? await items.update(pk, pause, options)
        : await items.update(pk, resumption(await items.read(pk, options), condition, now), options);
      if (changed !== undefined) return true;
      const item = await items.read(pk, options);
      if (item === undefined || item['removedAt'] !== undefined) {
        throw new StoreError('missing', 'UnknownConnection', `connection ${name} is not registered`);
      }
      return false;
    },

    async told(name, dueAfterTold, options) {
      const update = 'SET #dueAt = #dueAfterTold REMOVE #untold, #dueAfterTold';
      const condition = `${REGISTERED} AND #dueAfterTold = :dueAfterTold AND attribute_not_exists(#leaseOwner)`;
      await items.update(connectionKey(name), { update, condition, values: { dueAfterTold } }, options);
    },

    async wake(name, now, options) {
      const set = ['dueAt', 'watchAt', 'credentialsSetAt', 'dueAgainAt'].map((key) => `#${key} = :now`);
      const update = `SET ${set.join(', ')} REMOVE #dueAfterTold`;
      const item = await items.update(
        connectionKey(name),
        { update, condition: REGISTERED, values: { now } },
        options,
      );
      return item && toConnectionState(item);
    },

    async postpone(name, dueAt, options) {
      const item = await items.update(
        connectionKey(name),
        {
          // Its place among the watched may be too early, never too late.
          update: 'SET #dueAt = :dueAt, #watchAt = if_not_exists(#watchAt, :dueAt)',
          // A lease that has run out by then was left behind; the commit of a living one sets its own.
          condition: `${REGISTERED} AND (attribute_not_exists(#leaseOwner) OR #leaseEndsAt <= :dueAt)`,
          values: { dueAt },
        },
        options,
      );
      return item && toConnectionState(item);
    },
  };
}

/** What a person resumes is tried again, whatever was said of it before. */
function resumption(item: Item | undefined, condition: string, now: number) {
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

function newItem(pk: string, definition: Connection, dueAt: number): Item {
  const item = {
    pk,
    schema: SCHEMA,
    definition: plain(definition),
    queue: DUE_INDEX,
    dueAt,
    queuedAt: dueAt,
    generation: 0,
    failures: 0,
    writesByHour: {},
  };
  return { ...item, ...watched(item).kept };
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
function changedDefinition(item: Item, definition: Connection, dueAt: number) {
  const queued = item['paused'] !== true;
  // It waited for a person, and a new definition is what a person does.
  const waiting = isWaiting(item['lastOutcome'] as string | undefined);
  const anew = { definition: plain(definition), dueAt, queuedAt: dueAt };
  const watch = watched({ ...item, ...anew, ...(waiting && { lastOutcome: 'retry-later' }) });
  const set = [
    '#definition = :definition',
    '#dueAt = :dueAt',
    '#dueAgainAt = :dueAt',
    '#queuedAt = :dueAt',
    ...(queued ? ['#queue = :due'] : []),
    ...(waiting ? ['#lastOutcome = :retryLater'] : []),
    ...watch.set,
  ];
  const removed = item['removedAt'] !== undefined;
  const unchanged = [
    '#dueAt = :seenDueAt',
    `${queued ? 'attribute_not_exists' : 'attribute_exists'}(#paused)`,
    `${removed ? 'attribute_exists' : 'attribute_not_exists'}(#removedAt)`,
  ];
  return {
    update: `SET ${set.join(', ')} REMOVE ${['removedAt', 'missingAt', ...watch.gone].map((each) => `#${each}`).join(', ')}`,
    condition: unchanged.join(' AND '),
    values: {
      definition: plain(definition),
      dueAt,
      seenDueAt: item['dueAt'],
      ...(queued && { due: DUE_INDEX }),
      ...(waiting && { retryLater: 'retry-later' }),
      ...watch.kept,
    },
  };
}

function sameDefinition(stored: unknown, definition: Connection): boolean {
  return isDeepStrictEqual(plain(stored), plain(definition));
}

/** As JSON would carry it: without `undefined`, with plain prototypes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
