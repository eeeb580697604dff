import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Connection } from '../../connections/connection.ts';
import { KEPT_OUTCOMES } from '../../refresh/ports/history.ts';
import type { StateTable } from '../../refresh/ports/state-table.ts';
import {
  CONNECTION_PREFIX,
  connectionKey,
  nameOfKey,
  toConnectionState,
  toListedState,
} from './connection-item.ts';
import { createConnectionLease } from './connection-lease.ts';
import { createHistoryItems } from './history-items.ts';
import { createItemTable } from './item-table.ts';
import { createListingItems } from './listing-items.ts';
import { createRegistrationItems } from './registration-items.ts';
import {
  createBudgetItems,
  createClaimItems,
  createCooldownItems,
  createOriginItems,
  createRequestItems,
} from './shared-items.ts';
import { DUE_INDEX } from './state-table-definition.ts';
import { createTickItem } from './tick-item.ts';
import { createWatchItems } from './watch-items.ts';

export interface StateTableProps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Connections that one page of `due` and `list` reads. Default 250. */
  readonly pageSize?: number;
}

/** The state table on DynamoDB; `stateTableDefinition` says how it is built. */
export function createStateTable({ client, tableName, pageSize = 250 }: StateTableProps): StateTable {
  const items = createItemTable({ client, tableName });
  return {
    ...createConnectionLease(items),
    ...createRegistrationItems(items),
    ...createCooldownItems(items),
    ...createBudgetItems(items),
    ...createRequestItems(items),
    ...createTickItem(items),
    ...createHistoryItems(items),
    ...createWatchItems(items),
    ...createListingItems(items),
    ...createOriginItems(items),
    ...createClaimItems(items),

    async get(name, options) {
      const item = await items.read(connectionKey(name), options);
      return item && toConnectionState(item);
    },

    async *due(now, { after, ...options } = {}) {
      const read = {
        // A key condition may bound a range once.
        condition: `#queue = :queue AND #dueAt ${after === undefined ? '<= :now' : 'BETWEEN :after AND :now'}`,
        values: { queue: DUE_INDEX, now, ...(after !== undefined && { after }) },
        pageSize,
      };
      for await (const { pk, dueAt, definition } of items.query(DUE_INDEX, read, options)) {
        // As stored: one that cannot be read is refused by its lease, and stops nobody else.
        yield { name: nameOfKey(pk), dueAt: Number(dueAt), definition: definition as Connection };
      }
    },

    async *list(options) {
      const read = {
        condition: 'begins_with(#pk, :prefix) AND attribute_not_exists(#removedAt)',
        values: { prefix: CONNECTION_PREFIX },
        // Beside each connection lie its outcomes, which a scan passes over.
        pageSize: pageSize * (1 + KEPT_OUTCOMES),
      };
      for await (const item of items.scan(read, options)) yield toListedState(item);
    },
  };
}
