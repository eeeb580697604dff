import type { Cooldown, StateTable } from '../refresh/ports.ts';
import type { ItemTable } from './item-table.ts';
import { SCHEMA } from './stored-schema.ts';

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
