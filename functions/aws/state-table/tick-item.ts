import type { StateTable, TickRecord } from '../../refresh/ports/state-table.ts';
import type { Item, ItemTable } from './item-table.ts';

const TICK = 'tick';
const RECORD = ['startedAt', 'endedAt', 'due', 'refreshed', 'failed', 'left', 'oldestDueAt'] as const;

/**
 * The right to run a tick, one at a time, whoever is started; and in the same item what the last one came to, so
 * that keeping it takes no call of its own.
 */
export function createTickItem(items: ItemTable): Pick<StateTable, 'leaseTick' | 'releaseTick' | 'lastTick'> {
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
    async releaseTick(owner, record, options) {
      const condition = '#leaseOwner = :owner';
      await items.update(
        TICK,
        { update: releaseOf(record), condition, values: { owner, ...record } },
        options,
      );
    },
    async lastTick(options) {
      return recordOf(await items.read(TICK, options));
    },
  };
}

function releaseOf(record: TickRecord | undefined): string {
  const kept = RECORD.filter((key) => record?.[key] !== undefined);
  const gone = [
    'leaseOwner',
    'leaseEndsAt',
    ...(record && kept.length < RECORD.length ? ['oldestDueAt'] : []),
  ];
  const set = kept.length === 0 ? '' : `SET ${kept.map((key) => `#${key} = :${key}`).join(', ')} `;
  return `${set}REMOVE ${gone.map((key) => `#${key}`).join(', ')}`;
}

function recordOf(item: Item | undefined): TickRecord | undefined {
  if (item?.['endedAt'] === undefined) return undefined;
  const kept = RECORD.filter((key) => item[key] !== undefined);
  return Object.fromEntries(kept.map((key) => [key, Number(item[key])])) as unknown as TickRecord;
}
