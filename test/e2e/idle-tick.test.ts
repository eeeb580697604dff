import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestAws } from '../support/aws.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';

const HOUR = 3_600_000;
const AT_ONCE = 25;

let aws: TestAws;
const clock = new LeapingClock();

beforeAll(async () => {
  aws = await TestAws.startDirect(clock);
});

afterAll(() => aws[Symbol.asyncDispose]());

/** Connections that stand well, as their last commit left them. */
async function register(tableName: string, count: number): Promise<void> {
  const at = clock.now() + HOUR;
  const items = Array.from({ length: count }, (_, index) => ({
    pk: `connection#idle-${index}`,
    schema: 1,
    definition: { tokenUrl: 'https://idp.example.com/token', credentials: 'client' },
    registered: 'watch',
    queue: 'due',
    dueAt: at + index,
    watchAt: at + index,
    dangerAt: at + index + 1,
    needAt: at + 2 * HOUR,
    expiresAt: at + HOUR,
    lastOutcome: 'refreshed',
    generation: 1,
    failures: 0,
    writesByHour: {},
  }));
  while (items.length > 0) {
    const requests = items.splice(0, AT_ONCE).map((item) => ({ PutRequest: { Item: marshall(item) } }));
    await aws.clients.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }));
  }
}

it('a tick with nothing to do makes the same calls with ten connections and with ten thousand', async () => {
  await using refresher = await ComposedRefresher.start(aws, clock);
  await refresher.reconcile();
  const called: string[] = [];
  const look = async () => {
    called.length = 0;
    aws.endpoint.inject = (_, operation) => void called.push(operation);
    await refresher.tick();
    aws.endpoint.inject = undefined;
    return [...called];
  };
  await register(refresher.stateTable, 10);
  const few = await look();
  await register(refresher.stateTable, 10_000);
  expect(await look()).toEqual(few);
  // Who must be looked at first, of whom nobody is due; and its record.
  expect(few).toEqual(['Query', 'UpdateItem']);
}, 120_000);
