import type { Fleet, StateTable, TickRecord } from '../../refresh/ports/state-table.ts';
import type { Item, ItemTable } from './item-table.ts';

const TICK = 'tick';
const RECORD = ['startedAt', 'endedAt', 'due', 'refreshed', 'failed', 'left', 'oldestDueAt'] as const;

type TickCalls = Pick<
  StateTable,
  'leaseTick' | 'tickWorksUntil' | 'releaseTick' | 'noteIdleTick' | 'lastTick' | 'noteFleet' | 'fleet'
>;

const UNHELD = 'attribute_not_exists(#leaseOwner) OR #leaseEndsAt <= :now';

/**
 * The right to run a tick, one at a time, whoever is started; and in the same item what the last one came to, and
 * what reconciling saw, so that keeping the one and knowing the other takes no call of its own.
 */
export function createTickItem(items: ItemTable): TickCalls {
  return {
    async leaseTick(owner, now, endsAt, { worksUntil, ...options } = {}) {
      const until = worksUntil === undefined ? ' REMOVE #worksUntil' : ', #worksUntil = :worksUntil';
      return items.set(
        TICK,
        {
          update: `SET #leaseOwner = :owner, #leaseEndsAt = :endsAt${until}`,
          condition: `${UNHELD} OR #leaseOwner = :owner`,
          values: { owner, now, endsAt, ...(worksUntil !== undefined && { worksUntil }) },
        },
        options,
      );
    },
    async tickWorksUntil(options) {
      const { worksUntil } = (await items.read(TICK, options)) ?? {};
      return typeof worksUntil === 'number' ? worksUntil : undefined;
    },
    async releaseTick(owner, record, options) {
      const condition = '#leaseOwner = :owner';
      const values = { owner, ...record };
      const item = await items.update(TICK, { update: releaseOf(record), condition, values }, options);
      return item && fleetOf(item);
    },
    async noteIdleTick(record, watchedSince, options) {
      const condition = `(${UNHELD}) AND #fleet.#areWatched = :true AND #fleet.#at > :watchedSince`;
      const values = { ...record, now: record.endedAt, true: true, watchedSince };
      const item = await items.update(TICK, { update: releaseOf(record), condition, values }, options);
      return item && fleetOf(item);
    },
    async lastTick(options) {
      return recordOf(await items.read(TICK, options));
    },
    async noteFleet(fleet, options) {
      await items.update(TICK, { update: 'SET #fleet = :fleet', values: { fleet } }, options);
    },
    async fleet(options) {
      const item = await items.read(TICK, options);
      return item && fleetOf(item);
    },
  };
}

function releaseOf(record: TickRecord | undefined): string {
  const kept = RECORD.filter((key) => record?.[key] !== undefined);
  const gone = [
    'leaseOwner',
    'leaseEndsAt',
    'worksUntil',
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

function fleetOf({ fleet }: Item): Fleet | undefined {
  if (typeof fleet !== 'object' || fleet === null) return undefined;
  const { at, registered, paused, areWatched, refreshTokenEnds } = fleet as Item;
  const ends = Array.isArray(refreshTokenEnds)
    ? refreshTokenEnds.filter((end) => typeof end === 'number')
    : [];
  return {
    at: Number(at),
    registered: Number(registered),
    paused: Number(paused),
    ...(areWatched === true && { areWatched }),
    refreshTokenEnds: ends,
  };
}
