import type { StateTable } from '../../refresh/ports/state-table.ts';
import { StoreError } from '../../refresh/ports/stores.ts';
import { refuseNewerSchema } from '../stored-schema.ts';
import { connectionKey, REGISTERED, toConnectionState, UNHELD } from './connection-item.ts';
import type { ItemTable } from './item-table.ts';
import {
  changedDefinition,
  newItem,
  pause,
  placement,
  resumption,
  sameDefinition,
} from './registered-item.ts';

/** How far apart two sightings of a missing declaration must be: one run delivered twice is not two runs. */
const SIGHTINGS_APART_MS = 60_000;
const MAX_TRIES = 5;

type Registration = Pick<
  StateTable,
  'register' | 'enrol' | 'unregister' | 'setPaused' | 'told' | 'wake' | 'postpone'
>;

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
          const place = placement(item);
          if (place === undefined || (await items.update(pk, place, options)) !== undefined) return false;
          continue;
        }
        if ((await items.update(pk, changedDefinition(item, definition, dueAt), options)) !== undefined) {
          return true;
        }
      }
      throw contended(pk);

      function forgetSighting(key: string) {
        return items.update(key, { update: 'REMOVE #missingAt', condition: REGISTERED, values: {} }, options);
      }
    },

    async enrol(name, options) {
      const pk = connectionKey(name);
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const item = await items.read(pk, options);
        if (item === undefined || item['removedAt'] !== undefined) return;
        refuseNewerSchema(item['schema'], `state item ${pk}`);
        const place = placement(item);
        if (place === undefined || (await items.update(pk, place, options)) !== undefined) return;
      }
      throw contended(pk);
    },

    async unregister(name, now, { confirmed = false, ...options } = {}) {
      const pk = connectionKey(name);
      const removed = await items.update(
        pk,
        {
          update: 'SET #removedAt = :now REMOVE #queue, #registered, #missingAt',
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
      const changed = paused
        ? await items.update(pk, pause(condition, now), options)
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
      const moved = ['dueAt', 'credentialsSetAt', 'dueAgainAt'];
      const wake = (keys: readonly string[], isPaused: string) =>
        items.update(
          connectionKey(name),
          {
            update: `SET ${keys.map((key) => `#${key} = :now`).join(', ')} REMOVE #dueAfterTold`,
            condition: `${REGISTERED} AND ${isPaused}(#paused)`,
            values: { now },
          },
          options,
        );
      // One that is paused stays behind those who are watched.
      const item =
        (await wake([...moved, 'watchAt'], 'attribute_not_exists')) ??
        (await wake(moved, 'attribute_exists'));
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

const contended = (pk: string) =>
  new StoreError('transient', 'Contended', `state item ${pk} kept changing while it was registered`);
