import type { Cooldown, StateTable } from '../../refresh/ports/state-table.ts';
import { SCHEMA } from '../stored-schema.ts';
import type { ItemTable } from './item-table.ts';

const PREFIX = 'cooldown#';

/** Pauses for an origin, or a client at an origin. */
export function createCooldownItems(
  items: ItemTable,
): Pick<StateTable, 'cooldowns' | 'setCooldown' | 'clearCooldown'> {
  return {
    async cooldowns(keys, options) {
      const found = await items.readAll(
        keys.map((key) => PREFIX + key),
        options,
      );
      return new Map(
        found.map(({ pk, endsAt, reason, failures }) => [
          String(pk).slice(PREFIX.length),
          { endsAt, reason, failures } as Cooldown,
        ]),
      );
    },
    setCooldown: (key, { endsAt, reason, failures }, options) =>
      items.put({ pk: PREFIX + key, schema: SCHEMA, endsAt, reason, failures }, options),
    clearCooldown: (key, options) => items.delete(PREFIX + key, undefined, options),
  };
}

const TICK = 'tick';

/** The right to run a tick: one at a time, whoever is started. */
export function createTickLease(items: ItemTable): Pick<StateTable, 'leaseTick' | 'releaseTick'> {
  return {
    async leaseTick(owner, now, endsAt, options) {
      const item = await items.update(
        TICK,
        {
          update: 'SET #leaseOwner = :owner, #leaseEndsAt = :endsAt',
          condition: 'attribute_not_exists(#leaseOwner) OR #leaseEndsAt <= :now OR #leaseOwner = :owner',
          values: { owner, now, endsAt },
        },
        options,
      );
      return item !== undefined;
    },
    releaseTick: (owner, options) =>
      items.delete(TICK, { condition: '#leaseOwner = :owner', values: { owner } }, options),
  };
}
