import { describe, expect, it } from 'vitest';
import { createEvents } from '../../../../functions/aws/events.ts';
import { createStateTable } from '../../../../functions/aws/state-table/create-state-table.ts';
import { systemClock, systemRandom } from '../../../../functions/handlers/system-clock.ts';
import type { StateTable } from '../../../../functions/refresh/ports/state-table.ts';
import { describeStateTable } from '../../../support/state-table-contract.ts';
import type { AwsHost } from '../support/aws-host.ts';
import { createTable } from '../support/tables.ts';
import { describeParameterStores } from './parameter-stores.ts';
import { describeSecretStores } from './secret-stores.ts';

/** What every adapter of `functions/aws` does, whatever answers as AWS. */
export function describeAdapters(host: () => AwsHost): void {
  describeSecretStores(host);
  describeParameterStores(host);
  describeStateTable('the state table', () => openStateTable(host()));

  describe('the state table', () => {
    it('is missing when it does not exist', async () => {
      const table = createStateTable({ client: host().clients.dynamodb, tableName: 'no-such-table' });
      await expect(table.get('crm')).rejects.toMatchObject({ name: 'StoreError', kind: 'missing' });
    });
  });

  describe('events', () => {
    it('are taken by the bus, more than fit into one call too', async () => {
      const warned: unknown[] = [];
      const log = { info: () => {}, error: () => {}, warn: (...what: unknown[]) => void warned.push(what) };
      const events = createEvents({
        clients: host().clients.onDemand,
        namespace: 'evertoken',
        clock: systemClock,
        random: systemRandom,
        metrics: { count: () => {} },
        log,
      });
      const before = await host().eventsTaken();
      for (let index = 0; index < 11; index += 1) {
        events.add({
          detailType: 'Token Refreshed',
          connection: `crm-${index}`,
          outcome: 'refreshed',
          health: 'healthy',
          code: null,
          expiresAt: '2026-01-01T01:00:00.000Z',
        });
      }
      await events.flush();
      expect(warned).toEqual([]);
      expect((await host().eventsTaken()) - before).toBe(11);
    });
  });
}

async function openStateTable({ clients: { dynamodb: client } }: AwsHost): Promise<StateTable> {
  const { name: tableName } = await createTable(client);
  return createStateTable({ client, tableName });
}
