import type { Cooldown, RefusalOfRequest, StateTable } from '../../refresh/ports/state-table.ts';
import { StoreError } from '../../refresh/ports/stores.ts';
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

/** A refresher that loses this often to others at the same key tries again later. */
const MOST_RACES = 8;

/** When calls were made whose number a provider limits, one item for each key and length of time. */
export function createBudgetItems(items: ItemTable): Pick<StateTable, 'takeFromBudget'> {
  return {
    async takeFromBudget(key, { calls, windowMs }, now, options) {
      const pk = `budget#${key}#${windowMs}`;
      for (let race = 0; race < MOST_RACES; race += 1) {
        const item = await items.read(pk, options);
        const recent = recentCalls(item?.['calledAt'], now - windowMs);
        const oldest = recent.at(-calls);
        if (oldest !== undefined) return oldest + windowMs;
        const revision = Number(item?.['revision'] ?? 0);
        const taken = await items.update(
          pk,
          {
            update: 'SET #schema = :schema, #calledAt = :calledAt, #revision = :next',
            condition: 'attribute_not_exists(#revision) OR #revision = :revision',
            values: { schema: SCHEMA, calledAt: [...recent, now], revision, next: revision + 1 },
          },
          options,
        );
        if (taken !== undefined) return undefined;
      }
      throw new StoreError('transient', 'BudgetContended', `${pk}: others count at the same moment`);
    },
  };
}

function recentCalls(calledAt: unknown, since: number): readonly number[] {
  return Array.isArray(calledAt) ? calledAt.map(Number).filter((at) => at > since) : [];
}

const REQUESTS = 'requests';

/** What events ask for, all of them together: one item, however many they are and whatever they name. */
export function createRequestItems(
  items: ItemTable,
): Pick<StateTable, 'admitRequest' | 'noteRefusedRequest' | 'refusedRequest'> {
  return {
    async admitRequest(names, now, budget, options) {
      if (names > budget.names) return false;
      const take = () =>
        items.update(
          REQUESTS,
          {
            update: 'SET #asked = #asked + :names',
            condition: '#windowEndsAt > :now AND #asked <= :room',
            values: { names, now, room: budget.names - names },
          },
          options,
        );
      const begin = () =>
        items.update(
          REQUESTS,
          {
            update: 'SET #schema = :schema, #windowEndsAt = :endsAt, #asked = :names',
            condition: 'attribute_not_exists(#windowEndsAt) OR #windowEndsAt <= :now',
            values: { schema: SCHEMA, endsAt: now + budget.windowMs, names, now },
          },
          options,
        );
      // Another may begin the window meanwhile, and leave room in it.
      return ((await take()) ?? (await begin()) ?? (await take())) !== undefined;
    },
    async noteRefusedRequest({ at, reason, account, source }, options) {
      await items.update(
        REQUESTS,
        {
          update:
            'SET #schema = :schema, #refusedAt = :at, #refusedReason = :reason, #refusedAccount = :account, #refusedSource = :source',
          condition: 'attribute_not_exists(#refusedAt) OR #refusedAt <= :at',
          values: { schema: SCHEMA, at, reason, account, source },
        },
        options,
      );
    },
    async refusedRequest(options) {
      const item = await items.read(REQUESTS, options);
      if (item?.['refusedAt'] === undefined) return undefined;
      return {
        at: Number(item['refusedAt']),
        reason: String(item['refusedReason']) as RefusalOfRequest,
        account: String(item['refusedAccount']),
        source: String(item['refusedSource']),
      };
    },
  };
}

/** Who publishes to a secret of somebody's own, one item for each. */
export function createClaimItems(items: ItemTable): Pick<StateTable, 'claimSecret'> {
  return {
    async claimSecret(secret, name, { from = name, ...options } = {}) {
      const pk = `secret#${secret}`;
      const claim = {
        update: 'SET #schema = :schema, #owner = :name',
        condition: 'attribute_not_exists(#owner) OR #owner = :name OR #owner = :from',
        values: { schema: SCHEMA, name, from },
      };
      if ((await items.update(pk, claim, options)) !== undefined) return name;
      return String((await items.read(pk, options))?.['owner']);
    },
  };
}

/** Where credentials have gone so far, one item for each pair. */
export function createOriginItems(items: ItemTable): Pick<StateTable, 'noteOrigin'> {
  return {
    async noteOrigin({ credentials, origin, name, at }, options) {
      const pk = `origin#${credentials}#${origin}`;
      if (await items.create({ pk, schema: SCHEMA, name, firstAt: at }, options)) return at;
      const item = await items.read(pk, options);
      return item?.['name'] === name ? Number(item['firstAt']) : undefined;
    },
  };
}
