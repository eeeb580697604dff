/** What an hour costs in which nothing was declared or changed, and what each change adds, at the pace of AWS. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDeclaredConnections } from '../functions/aws/parameters/parameter-declarations.ts';
import { createWritePace } from '../functions/aws/secrets/write-pace.ts';
import { createStateTable } from '../functions/aws/state-table/create-state-table.ts';
import { PARAMETER_READS_PER_SECOND } from '../functions/handlers/composition.ts';
import { reconcile } from '../functions/refresh/reconcile.ts';
import { TIMING } from '../functions/refresh/rules/timing.ts';
import { VirtualClock } from '../test/support/virtual-clock.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { PRICES } from './prices.ts';
import { type Asked, DeclaredCloud } from './worlds/declared-cloud.ts';

const HOUR = 3_600_000;
const FUNCTION_MS = 900_000;
const FUNCTION_GIGABYTES = 0.5;
/** Beyond so many of an account parameters are advanced, and each that is listed is paid for. */
const STANDARD_PARAMETERS = 10_000;
/** Beyond so many they are listed each second hour, and so on. */
const LISTED_HOURLY = 10_000;
const CHANGED = 10;
/** Looks at the memory while one listing is read. */
const SAMPLES = 8;

export default {
  about:
    'Reconciling 10 to 100,000 declared connections at 36 of 40 reads a second: calls, time, memory, dollars.',
  async run({ full, progress }) {
    const figures: Figure[] = [];
    for (const connections of full ? [10, 1_000, 10_000, 100_000] : [10, 1_000, 10_000]) {
      progress(`${connections} connections`);
      figures.push(...(await measure(connections)));
    }
    return figures;
  },
} satisfies Benchmark;

async function measure(connections: number): Promise<Figure[]> {
  const clock = new VirtualClock();
  const cloud = new DeclaredCloud(connections, clock);
  const nothing = () => undefined;
  const ports = {
    namespace: 'evertoken',
    clock,
    random: { fraction: () => 0.5, uuid: () => crypto.randomUUID() },
    timing: TIMING,
    state: createStateTable({ client: cloud.dynamodb, tableName: 'evertoken-state' }),
    declared: createDeclaredConnections({ client: cloud.ssm, namespace: 'evertoken' }),
    readPace: createWritePace({ perSecond: PARAMETER_READS_PER_SECOND, clock }),
    secretWritesPerSecond: 20,
    presets: async () => undefined,
    events: { add: nothing, flush: async () => undefined },
    metrics: { count: nothing, gauge: nothing },
    log: { info: nothing, warn: nothing, error: nothing },
  };
  // Everyone is in the index already.
  await clock.run(() =>
    ports.state.noteFleet({
      at: 0,
      registered: connections,
      paused: 0,
      areWatched: true,
      refreshTokenEnds: [],
    }),
  );
  const run = async (isRoutine: boolean) => {
    cloud.take();
    const [startedAt, cpu] = [clock.now(), process.cpuUsage()];
    const result = await clock.run(() => reconcile(ports, { endsAt: startedAt + FUNCTION_MS, isRoutine }));
    const { user, system } = process.cpuUsage(cpu);
    return {
      ...result,
      asked: cloud.take(),
      seconds: (clock.now() - startedAt) / 1_000,
      cpuSeconds: (user + system) / 1e6,
    };
  };
  // What a process has at hand from then on is not held for connections.
  await run(false);
  const least = retained();
  let most = least;
  cloud.onPage = (page, pages) => {
    if (page % Math.ceil(pages / SAMPLES) === 0) most = Math.max(most, retained());
  };
  await run(false);
  cloud.onPage = nothing;
  const unchanged = await run(false);
  if (unchanged.registered.length > 0) throw new Error('what did not change was registered');
  clock.advance(HOUR / 2);
  const hours = Math.max(1, Math.ceil(connections / LISTED_HOURLY));
  const between = await run(true);
  for (let index = 0; index < CHANGED; index += 1)
    cloud.changed.add(index * Math.floor(connections / CHANGED));
  const changed = await run(false);
  if (changed.registered.length !== CHANGED) throw new Error('what changed was not registered');

  const dollars = (dollarsOf(unchanged, connections) + (hours - 1) * dollarsOf(between, connections)) / hours;
  const of = `${connections.toLocaleString('en')} connections`;
  const named = (name: string, value: number, unit: Figure['unit'], rest: Partial<Figure> = {}): Figure => ({
    name: `${of}: ${name}`,
    value,
    unit,
    ...rest,
  });
  const added = calls(changed.asked) - calls(unchanged.asked);
  const listed = calls(unchanged.asked);
  return [
    named('calls of an unchanged listing', listed, 'count', { tolerance: 0 }),
    named('calls of it for each connection', listed / connections, 'count', {
      tolerance: 0.02,
      ...(connections >= 1_000 && { goal: 0.11 }),
    }),
    named('calls that each changed declaration adds', added / CHANGED, 'count', { tolerance: 0, goal: 2 }),
    named('calls of an hour without a listing', calls(between.asked), 'count', { tolerance: 0 }),
    named('listings refused by Parameter Store', unchanged.asked.throttled, 'count', {
      tolerance: 0,
      goal: 0,
    }),
    named('read units of an unchanged listing', unchanged.asked.readUnits, 'count', { tolerance: 0.05 }),
    named('write units of an unchanged listing', unchanged.asked.writeUnits, 'count', { tolerance: 0 }),
    named('function time of an unchanged listing', unchanged.seconds, 's', { goal: 300 }),
    named('CPU time of it, AWS included', unchanged.cpuSeconds, 's'),
    named('held at most', (most - least) / 1e6, 'MB'),
    ...(connections < 10_000
      ? []
      : [
          named('held at most, bytes for each connection', (most - least) / connections, 'count', {
            tolerance: 0.5,
            goal: 99,
          }),
        ]),
    named('an unchanged hour', dollars, 'dollars'),
  ];
}

interface Ran {
  readonly asked: Asked;
  readonly seconds: number;
}

function dollarsOf({ asked, seconds }: Ran, connections: number): number {
  const isListed = asked.calls.has('GetParametersByPath');
  const paidFor = isListed ? Math.max(0, connections - STANDARD_PARAMETERS) : 0;
  return (
    PRICES.lambda.request +
    PRICES.scheduler.invocation +
    seconds * FUNCTION_GIGABYTES * PRICES.lambda.gigabyteSecond +
    asked.readUnits * PRICES.dynamoDb.readUnit +
    asked.writeUnits * PRICES.dynamoDb.writeUnit +
    paidFor * PRICES.parameterStore.advancedCall
  );
}

function calls({ calls: made }: Asked): number {
  return [...made.values()].reduce((one, other) => one + other, 0);
}

let collect: (() => void) | undefined;

/** Bytes that a collection of garbage leaves. */
function retained(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
