/** How many refreshes a process does in a second, beside the calls alone and beside what people write by hand. */
import { refreshDueHandler } from '../functions/handlers/refresh-due.ts';
import { createLocalAwsClients, type LocalAwsClients } from '../local/endpoint-clients.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './benchmark.ts';
import { middle } from './middle.ts';
import { bareCalls, leastCalls } from './ticks/bare-calls.ts';
import { byHand, handwritten } from './ticks/calls-by-hand.ts';
import { recordTick } from './ticks/recorded-tick.ts';
import { ownMemory, tickMemory } from './ticks/tick-memory.ts';
import { context, silently, unpaced } from './worlds/invocation.ts';
import { type LeanCloud, startLeanCloud } from './worlds/start-lean-cloud.ts';

/** As far as AWS and a token endpoint are away. */
const LATENCY_MS = 20;
const ORIGINS = 40;
const SHARED_BY = 64;
/** One by one takes so long that few tell how long. */
const ONE_BY_ONE = 20;
const WARM_UPS = 2;
/** Due at once, where memory is measured. */
const FEW = 1_000;
const MANY = 100_000;
/** V8 lets its young generation grow while there is memory; so much of it does as well. */
const SEMI_SPACE_MEGABYTES = 4;
const MOST_MEGABYTES = 128;

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly refreshes: number;
}

export default {
  about: 'Refreshes in a second, beside the bare calls at the same concurrency and loops written by hand.',
  run: async (options) => [
    ...(await measure('client credentials', false, options)),
    ...(await measure('rotating', true, options)),
  ],
} satisfies Benchmark;

async function measure(
  kind: string,
  rotating: boolean,
  { full, progress }: BenchmarkOptions,
): Promise<Figure[]> {
  // Of what rotates eight are under way at once: few take as long.
  const [rounds, connections] = full ? [5, rotating ? 320 : 2_000] : [5, rotating ? 100 : 400];
  const base = { latencyMs: LATENCY_MS, rotating, sharedBy: SHARED_BY, origins: ORIGINS };
  await using cloud = await startLeanCloud({ ...base, connections });
  const clients = createLocalAwsClients(cloud.endpoint);
  const sides = await sidesOf(cloud, clients, rotating, connections);
  // All run as compiled code first.
  for (let round = 0; round < WARM_UPS; round += 1) for (const side of Object.values(sides)) await side();
  const runs: Record<keyof typeof sides, Run[]> = { ours: [], bare: [], least: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, side] of Object.entries(sides)) {
      await cloud.reset(connections);
      runs[name as keyof typeof sides].push(await timed(connections, side));
    }
    progress(`${kind}: round ${round + 1} of ${rounds}`);
  }
  const all = await timed(connections, () => byHand(cloud, clients, rotating, connections));
  const oneByOne = await timed(ONE_BY_ONE, async () => {
    for (let index = 0; index < ONE_BY_ONE; index += 1) await handwritten(cloud, clients, rotating, index);
  });
  for (const client of Object.values(clients)) client.destroy();
  const perSecond = (run: Run) => run.refreshes / run.seconds;
  const perRefresh = (run: Run) => run.cpuSeconds / run.refreshes;
  // Round by round, so that a machine that is slow for a while is slow for both.
  const beside = (side: 'bare' | 'least', of: (run: Run) => number) =>
    middle(runs.ours.map((run, round) => of(run) / of(runs[side][round] ?? run)));
  return [
    rate(`${kind}: refreshes in a second, bare calls = 1`, beside('bare', perSecond), 0.9),
    cpu(`${kind}: CPU of a refresh, bare calls = 1`, beside('bare', perRefresh), 1.2),
    rate(`${kind}: refreshes in a second, the least calls = 1`, beside('least', perSecond)),
    cpu(`${kind}: CPU of a refresh, the least calls = 1`, beside('least', perRefresh)),
    each(`${kind}: refreshes in a second`, middle(runs.ours.map(perSecond))),
    { name: `${kind}: CPU of a refresh`, value: middle(runs.ours.map(perRefresh)) * 1000, unit: 'ms' },
    each(`${kind}: one Promise.all by hand`, perSecond(all)),
    each(`${kind}: one by one by hand`, perSecond(oneByOne)),
    ...(full ? await memoryFigures(kind, rotating, progress) : []),
  ];
}

/** The tick itself, the very requests that it makes, and the least that would do in their place. */
async function sidesOf(
  cloud: LeanCloud,
  clients: LocalAwsClients,
  rotating: boolean,
  connections: number,
): Promise<Record<'ours' | 'bare' | 'least', () => Promise<void>>> {
  const ours = refresher(cloud, clients);
  await ours(connections);
  // Of the second one: the first reads what is kept then.
  const tick = await recordTick(clients, () => ours(connections));
  const props = { cloud, rotating };
  return {
    ours: () => ours(connections),
    bare: () => bareCalls(props, tick),
    least: () => leastCalls(props, clients, connections),
  };
}

/** The deployed function with all that it has, but no pace. */
function refresher(cloud: LeanCloud, clients: LocalAwsClients): (connections: number) => Promise<void> {
  const composition = unpaced(cloud, clients);
  const handler = refreshDueHandler(() => composition);
  return async (connections) => {
    const { outcomes } = await silently(() => handler({}, context()));
    if (outcomes['refreshed'] !== connections)
      throw new Error(`not all were refreshed: ${JSON.stringify(outcomes)}`);
  };
}

async function timed(refreshes: number, work: () => Promise<void>): Promise<Run> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpuSeconds: (user + system) / 1e6, refreshes };
}

/** What a tick takes beyond what Node takes alone, with few and with many due at once. */
async function memoryFigures(
  kind: string,
  rotating: boolean,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const own = await ownMemory();
  const figures: Figure[] = [];
  const young = { semiSpaceMegabytes: SEMI_SPACE_MEGABYTES };
  for (const { connections, ...more } of [
    { connections: FEW },
    { connections: MANY },
    { connections: MANY, ...young },
  ]) {
    const base = { latencyMs: LATENCY_MS, rotating, sharedBy: SHARED_BY, origins: ORIGINS, connections };
    const { megabytes, refreshed } = await tickMemory({ ...base, ...more });
    const how = 'semiSpaceMegabytes' in more ? `, --max-semi-space-size=${SEMI_SPACE_MEGABYTES}` : '';
    const what = `${connections.toLocaleString('en')} due${how}`;
    progress(`${kind}: ${what}: ${megabytes.toFixed(0)} MB at most, ${refreshed} refreshed`);
    figures.push({
      name: `${kind}: memory above Node's own, ${what}`,
      value: megabytes - own,
      unit: 'MB',
      goal: MOST_MEGABYTES,
    });
  }
  return figures;
}

const rate = (name: string, value: number, goal?: number): Figure => ({
  ...{ name, value, unit: 'ratio', better: 'higher', tolerance: 0.6 },
  ...(goal !== undefined && { goal }),
});

const cpu = (name: string, value: number, goal?: number): Figure => ({
  ...{ name, value, unit: 'ratio', tolerance: 0.6 },
  ...(goal !== undefined && { goal }),
});

const each = (name: string, value: number): Figure => ({
  ...{ name, value, unit: 'per second', better: 'higher' },
});
