import type { StateTable } from '../refresh/ports.ts';
import type { ItemTable } from './item-table.ts';

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
