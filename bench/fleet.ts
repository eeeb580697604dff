import type { Connection } from '../functions/connections/connection.ts';
import { FirstDue } from '../functions/refresh/rules/first-due.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './benchmark.ts';
import { MONTH_HOURS, PRICES } from './prices.ts';
import { FleetWorld } from './simulation/fleet-world.ts';
import {
  type Day,
  type LeanFleetProps,
  latenessAt,
  liveDay,
  MIXED,
  ROTATING_EVERY,
  type Share,
  shareOf,
} from './simulation/lean-fleet.ts';
import { CountedWorld, type Kind } from './worlds/counted-world.ts';

const MINUTE_MS = 60_000;
/** For a hundred thousand, of the 50 that an account takes; as much a connection for fewer. */
const PER_SECOND = 48;
const WHOLE = 100_000;
/** From the third cycle of an hourly token on, however long the first one took for all. */
const THIRD_CYCLE_MINUTES = 100;
/** What a tick of 48 writes a second takes of the function: 1 GB for as long as it lasts. */
const FUNCTION_GIGABYTES = 1;
/** How much of the pace is used where the real tick is held against the lean one. */
const COMPARED = { connections: 500, hours: 2, perSecond: 2 };

export default {
  about: 'A day of a fleet with mixed lifetimes, registered at once: how even, how late, and what it costs.',
  async run({ full, progress }) {
    const connections = full ? WHOLE : 20_000;
    const perSecond = (PER_SECOND * connections) / WHOLE;
    const fleet = { connections, hours: 24, perSecond };
    progress(`${connections} connections for a day`);
    const day = liveDay(fleet);
    progress('the real tick beside it');
    const compared = await realDay();
    const lean = liveDay({ ...COMPARED, wakes: false });
    return [
      ...figuresOf(day),
      ratio('refreshes of the real tick, of the lean one = 1', compared.refreshes / sum(lean.total), 0.05),
      ratio(
        'lateness p50 of the real tick, of the lean one = 1',
        compared.p50 / latenessAt(lean.lateness, 0.5),
        0.25,
      ),
      ...(await costs(day, fleet, { full, progress })),
      ...(full ? million(progress) : []),
    ];
  },
} satisfies Benchmark;

function figuresOf(day: Day): Figure[] {
  const { mean, peak } = minutesOf(day);
  return [
    { ...ratio('peak minute, mean = 1, from the third cycle on', peak / mean, 0.1), goal: 1.3 },
    late('lateness p50', latenessAt(day.lateness, 0.5)),
    late('lateness p99', latenessAt(day.lateness, 0.99)),
    late('lateness, most', day.latest),
    late('longest tick once all had a token', day.longestTick, 60),
    { name: 'tokens that expired', value: day.expired, unit: 'count', tolerance: 0.2, goal: 0 },
    late('until all had their first token', day.firstMinutes * 60),
  ];
}

function minutesOf({ refreshes, firstMinutes }: Day): { mean: number; peak: number } {
  // The last minute is not over.
  const minutes = refreshes.subarray(firstMinutes + THIRD_CYCLE_MINUTES, -2);
  const mean = minutes.reduce((total, each) => total + each, 0) / minutes.length;
  return { mean, peak: Math.max(...minutes) };
}

/** The real tick, on the same connections with the same rules. */
async function realDay(): Promise<{ refreshes: number; p50: number }> {
  const { connections, hours, perSecond } = COMPARED;
  const lateSeconds: number[] = [];
  let refreshes = 0;
  const world = new FleetWorld({
    perSecond,
    onPublished: (name, now) => {
      const { dueAt = now, generation = 0 } = world.state.items.get(name) ?? {};
      refreshes += 1;
      if (generation > 0) lateSeconds.push((now - dueAt) / 1000);
    },
  });
  world.provider.mintsRefreshTokens = false;
  world.provider.lifetimeSeconds = ({ scope = '' }) => shareOf(Number(scope.slice(1)), MIXED).lifetimeSeconds;
  const firstDue = new FirstDue({ now: world.clock.now(), writesPerSecond: perSecond });
  for (let index = 0; index < connections; index += 1) await register(world, index, firstDue);
  const startedAt = world.clock.now();
  await world.clock.run(async () => {
    const ticks: Promise<void>[] = [];
    for (let minute = 1; minute < hours * 60; minute += 1) {
      await world.clock.sleep(startedAt + minute * MINUTE_MS - world.clock.now());
      ticks.push(world.tick());
    }
    await Promise.all(ticks);
  });
  const sorted = lateSeconds.sort((one, other) => one - other);
  return { refreshes, p50: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}

async function register(world: FleetWorld, index: number, firstDue: FirstDue): Promise<void> {
  const name = `c${index}`;
  const { place, lifetimeSeconds } = shareOf(index, MIXED) as Share;
  const isRotating = index % ROTATING_EVERY === 0;
  if (isRotating) world.storeRefreshToken(name);
  const definition: Connection = {
    tokenUrl: `https://idp-${index % 50}.example.com/token`,
    credentials: 'client',
    grants: [isRotating ? 'refresh_token' : 'client_credentials'],
    scope: name,
    publishTo: place,
    defaultLifetimeSeconds: lifetimeSeconds,
  };
  await world.state.register(name, definition, firstDue.next(definition));
}

/** What a refresh of each kind asks of AWS is counted at a real endpoint; how many there are, here. */
async function costs(
  day: Day,
  { connections, hours }: LeanFleetProps,
  { progress }: Pick<BenchmarkOptions, 'full' | 'progress'>,
): Promise<Figure[]> {
  progress('what a refresh asks of AWS');
  const [others, rotating] = [await unitsOf('client credentials'), await unitsOf('rotating')];
  const of = (key: keyof Units) => day.total.others * others[key] + day.total.rotating * rotating[key];
  const [written, read, secretCalls] = [of('written'), of('read'), of('secretCalls')];
  const refreshes = sum(day.total);
  const month = MONTH_HOURS / hours;
  const dollars =
    written * PRICES.dynamoDb.writeUnit +
    read * PRICES.dynamoDb.readUnit +
    secretCalls * PRICES.secretsManager.call +
    refreshes * PRICES.eventBridge.event +
    // As if a tick lasted its whole minute.
    hours * 3_600 * FUNCTION_GIGABYTES * PRICES.lambda.gigabyteSecond;
  const secrets = connections * (1 + 1 / ROTATING_EVERY) * PRICES.secretsManager.secretMonth;
  return [
    count('refreshes a day, each connection', refreshes / connections),
    count('write units of the table, each refresh', written / refreshes),
    count('read units of the table, each refresh', read / refreshes),
    count('calls of Secrets Manager, each refresh', secretCalls / refreshes),
    {
      name: 'a connection-month beside its secrets',
      value: (dollars * month) / connections,
      unit: 'dollars',
    },
    { name: 'its secrets', value: secrets / connections, unit: 'dollars' },
  ];
}

interface Units {
  readonly written: number;
  readonly read: number;
  readonly secretCalls: number;
}

async function unitsOf(kind: Kind): Promise<Units> {
  const connections = 40;
  await using world = await CountedWorld.start(kind, connections, connections);
  await world.tick();
  world.clock.advance(60 * MINUTE_MS);
  const { calls, units, refreshed } = await world.tick();
  const secretCalls = (calls.get('GetSecretValue') ?? 0) + (calls.get('PutSecretValue') ?? 0);
  return {
    written: units.written / refreshed,
    read: units.read / refreshed,
    secretCalls: secretCalls / refreshed,
  };
}

/** A million in ten accounts' worth of pace: what one table and one function would have to bear. */
function million(progress: (text: string) => void): Figure[] {
  progress('a million connections for six hours');
  const day = liveDay({ connections: 10 * WHOLE, hours: 6, perSecond: 10 * PER_SECOND });
  const { mean, peak } = minutesOf(day);
  return [
    { name: 'a million: refreshes, mean minute', value: mean / 60, unit: 'per second' },
    { name: 'a million: refreshes, peak minute', value: peak / 60, unit: 'per second' },
    {
      name: 'a million: accounts and Regions by their 50 writes of secrets',
      value: Math.ceil(writesPerSecond(day) / PER_SECOND),
      unit: 'count',
      tolerance: 0,
    },
  ];
}

function writesPerSecond({ total, refreshes, firstMinutes }: Day): number {
  const minutes = refreshes.subarray(firstMinutes + THIRD_CYCLE_MINUTES, -2);
  const perSecond = minutes.reduce((all, each) => all + each, 0) / minutes.length / 60;
  return (perSecond * (total.others + 3 * total.rotating)) / sum(total);
}

const sum = ({ rotating, others }: Day['total']) => rotating + others;

const ratio = (name: string, value: number, tolerance: number): Figure => ({
  name,
  value,
  unit: 'ratio',
  tolerance,
});

const count = (name: string, value: number): Figure => ({ name, value, unit: 'count', tolerance: 0.05 });

const late = (name: string, value: number, goal?: number): Figure => ({
  name,
  value,
  unit: 's',
  ...(goal !== undefined && { goal }),
});
