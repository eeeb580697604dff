/**
 * AWS on a loopback port, with healthy connections in its state table: node bench/command/status-endpoint.ts
 * NAMESPACE=CONNECTIONS[,OUTCOMES]... Tells its parent the URL, and on any message the calls since the last one.
 */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { stateTableName } from '../../functions/aws/resource-names.ts';
import { connectionKey } from '../../functions/aws/state-table/connection-item.ts';
import { createStateTable } from '../../functions/aws/state-table/create-state-table.ts';
import { historyKey } from '../../functions/aws/state-table/history-items.ts';
import { stateTableDefinition } from '../../functions/aws/state-table/state-table-definition.ts';
import { startAwsEndpoint } from '../../local/aws/endpoint.ts';
import { LOCAL_REGION } from '../../local/endpoint-clients.ts';

const MINUTE = 60_000;
/** As many items as one call writes. */
const BATCH = 25;

const endpoint = await startAwsEndpoint({ port: 0 });
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const client = new DynamoDBClient({ endpoint: endpoint.url, region: LOCAL_REGION, credentials });
for (const wanted of process.argv.slice(2)) {
  const [namespace = '', counts = ''] = wanted.split('=');
  const [connections = 0, outcomes = 0] = counts.split(',').map(Number);
  await fill(stateTableName(namespace), connections, outcomes);
}
process.on('message', () => {
  process.send?.(endpoint.calls.all.map(({ operation }) => operation));
  endpoint.calls.reset();
});
endpoint.calls.reset();
process.send?.(endpoint.url);

/** One connection as the functions write it, and the others like it; so many outcomes in the history of each. */
async function fill(tableName: string, count: number, outcomes: number): Promise<void> {
  await client.send(new CreateTableCommand(stateTableDefinition(tableName)));
  const table = createStateTable({ client, tableName });
  const now = Date.now();
  await table.register(nameOf(0), { provider: 'kajabi', credentials: 'kajabi-main' }, now);
  const lease = { owner: 'bench', now, endsAt: now + MINUTE, attempt: 'first', force: true };
  await table.lease(nameOf(0), lease);
  await table.commit(nameOf(0), 'bench', {
    attempt: null,
    attemptAt: null,
    dueAt: now + 50 * MINUTE,
    obtainedAt: now,
    expiresAt: now + 60 * MINUTE,
    generation: 1,
    lastOutcome: 'refreshed',
    needAt: null,
    dangerAt: now + 60 * MINUTE,
    watchAt: now + 60 * MINUTE,
    recent: [[now, 'r']],
  });
  await table.leaseTick('bench', now, now + MINUTE);
  await table.releaseTick('bench', {
    startedAt: now,
    endedAt: now,
    due: 1,
    refreshed: 1,
    failed: 0,
    left: 0,
  });
  const Key = { pk: { S: connectionKey(nameOf(0)) } };
  const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key }));
  const names = Array.from({ length: count }, (_, index) => nameOf(index));
  await put(
    tableName,
    names.map((name) => ({ ...Item, pk: { S: connectionKey(name) } })),
  );
  const slots = Array.from({ length: outcomes }, (_, slot) => slot);
  await put(
    tableName,
    names.flatMap((name) =>
      slots.map((slot) => ({ ...pastOutcome(now), pk: { S: historyKey(name, slot) } })),
    ),
  );
}

/** As the history has it of a refresh that went well. */
function pastOutcome(at: number): Record<string, AttributeValue> {
  const texts = { trigger: 'schedule', grant: 'client_credentials', outcome: 'refreshed' };
  const numbers = { schema: 1, at, since: at, times: 1, exchangeMs: 182, storeMs: 41, lateMs: 1_203 };
  return {
    ...Object.fromEntries(Object.entries(texts).map(([key, S]) => [key, { S }])),
    ...Object.fromEntries(Object.entries(numbers).map(([key, N]) => [key, { N: String(N) }])),
  };
}

async function put(tableName: string, items: readonly Record<string, AttributeValue>[]): Promise<void> {
  for (let from = 0; from < items.length; from += BATCH) {
    const requests = items.slice(from, from + BATCH).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }));
  }
}

function nameOf(index: number): string {
  return `crm-${String(index).padStart(4, '0')}`;
}
