/** What refreshes and ticks ask of AWS, counted as it arrives, and what that costs. */
import type { Benchmark, Figure } from './benchmark.ts';
import { MONTH_HOURS, PRICES } from './prices.ts';
import { type Calls, type Counted, CountedWorld, CREDENTIALS, type Kind } from './worlds/counted-world.ts';

const HOUR = 3_600_000;
/** So many connections share the credentials of one client. */
const SHARED_BY = 64;
/** What any design could do with: the token is written, and what rotates is read and written besides. */
const LEAST: Readonly<Record<Kind, number>> = { 'client credentials': 1, rotating: 3 };
const GOAL: Readonly<Record<Kind, number>> = { 'client credentials': 3, rotating: 6 };
/** Made once for many refreshes. */
const TOLD = ['PutEvents', 'BatchWriteItem'];

export default {
  about: 'AWS calls and dollars of a refresh, a tick and a connection-month, beside the least that would do.',
  async run({ full, progress }) {
    const figures: Figure[] = [];
    for (const kind of ['client credentials', 'rotating'] as const) {
      progress(kind);
      figures.push(
        ...(await refreshes(kind, full ? { connections: 1_000, hours: 4 } : { connections: 100, hours: 2 })),
      );
    }
    for (const connections of full ? [10, 1_000, 10_000] : [10, 300]) {
      progress(`idle ticks with ${connections} connections`);
      figures.push(await idleTick(connections));
    }
    return figures;
  },
} satisfies Benchmark;

async function refreshes(
  kind: Kind,
  { connections, hours }: { readonly connections: number; readonly hours: number },
): Promise<Figure[]> {
  await using world = await CountedWorld.start(kind, connections, SHARED_BY);
  // A cold process reads what it keeps then.
  await world.tick();
  world.clock.advance(HOUR);
  const { calls: busy } = await world.tick();
  const some = await world.hours(hours, connections);
  const own = refreshCalls(busy, connections);
  const told = TOLD.reduce((total, operation) => total + (busy.get(operation) ?? 0), 0);
  const overhead = sum(busy) - own * connections - told;
  return [
    count(`${kind}: calls of a refresh, all due at once`, own, GOAL[kind]),
    count(`${kind}: the least that would do`, LEAST[kind]),
    count(`${kind}: calls of the tick itself, each refresh`, overhead / connections, 0.1),
    count(`${kind}: calls that tell and remember, each refresh`, told / connections),
    count(`${kind}: all calls by the hour, each connection`, sum(some.calls) / hours / connections),
    count(`${kind}: refreshes by the hour, each connection`, some.refreshed / hours / connections),
    {
      name: `${kind}: a connection-month, one of ${connections}, beside its secrets and the time of functions`,
      value: (dollars(some) * MONTH_HOURS) / hours / connections,
      unit: 'dollars',
    },
  ];
}

async function idleTick(connections: number): Promise<Figure> {
  await using world = await CountedWorld.start('client credentials', 1, 1);
  await world.tick();
  // They stand as a commit leaves them, due in an hour.
  const at = world.clock.now() + HOUR;
  for (let index = 1; index < connections; index += 1) {
    const definition = { tokenUrl: 'https://idp.example.com/token', credentials: 'app-0' };
    await world.state.register(`idle-${index}`, definition, at);
  }
  const { calls } = await world.tick();
  return count(`an idle tick of ${connections} connections: calls`, sum(calls), 2);
}

/** Calls of each refresh, beside what is read once for many. */
function refreshCalls(calls: Calls, connections: number): number {
  const own = ['UpdateItem', 'PutSecretValue', 'GetSecretValue'].map(
    (operation) => calls.get(operation) ?? 0,
  );
  const shared = calls.get(CREDENTIALS) ?? 0;
  return Math.floor((own.reduce((one, other) => one + other, 0) - shared) / connections);
}

function dollars({ calls, units, refreshed }: Counted): number {
  const secrets = (calls.get('GetSecretValue') ?? 0) + (calls.get('PutSecretValue') ?? 0);
  return (
    secrets * PRICES.secretsManager.call +
    units.written * PRICES.dynamoDb.writeUnit +
    units.read * PRICES.dynamoDb.readUnit +
    refreshed * PRICES.eventBridge.event
  );
}

/** All calls; what is counted once more by itself is not. */
function sum(calls: Calls): number {
  return [...calls].reduce((total, [name, times]) => total + (name === CREDENTIALS ? 0 : times), 0);
}

const count = (name: string, value: number, goal?: number): Figure => ({
  name,
  value,
  unit: 'count',
  tolerance: 0.02,
  ...(goal !== undefined && { goal }),
});
