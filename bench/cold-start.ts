/**
 * From the start of a process to a token that can be read, by the bundles that are deployed, by the calls alone that they
 * make, and by a function of 30 lines that somebody writes by hand, in turns; AWS and the provider in processes of their
 * own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { assembleBundle } from '../infra/assemble-bundle.ts';
import { buildBundles } from '../infra/build-bundles.ts';
import { bundleOptions } from '../infra/bundle-options.ts';
import { HANDLERS, PRESETS_FOLDER, repositoryRoot } from '../infra/handler-bundle.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './benchmark.ts';
import { type ColdDeployment, startColdDeployment } from './cold/cold-deployment.ts';
import { type ColdRun, startCold } from './cold/cold-process.ts';
import { bytesBefore, modulesOf } from './cold/entry-modules.ts';
import { middle } from './middle.ts';

/** Times of processes that live a tenth of a second scatter by a fifth from run to run, however they take turns. */
const TOLERANCE = 0.35;
const MEMORY_TOLERANCE = 0.1;
const BY_HAND = 'by hand';
const BARE_CALLS = 'bare calls';
/** What the bundles are measured against. */
const BESIDE = { [BY_HAND]: 'bench/cold/by-hand.ts', [BARE_CALLS]: 'bench/cold/bare-calls.ts' };
/** What refreshes; the others are loaded only. */
const REFRESHING = ['refresh-due', 'refresh-now'] as const;
/** What they are called with, for a connection. */
const EVENTS = { 'refresh-due': () => ({}), 'refresh-now': (name: string) => ({ connections: [name] }) };
const LOADED = HANDLERS.filter((handler) => !REFRESHING.some((each) => each === handler));
const ROUNDS = { short: 13, full: 41 };
/** Modules that a table tells apart; the rest are one line. */
const MODULES_SHOWN = 20;

interface Bundle {
  readonly file: string;
  readonly metafile: Metafile;
  /** The name of its entry there. */
  readonly entry: string;
}

interface Measured extends ColdRun {
  /** To the request that makes the token readable. */
  readonly committedMs: number;
}

export default {
  about: 'From the start of a process to its first committed refresh, against a function of 30 lines',
  run,
} satisfies Benchmark;

async function run({ full, progress }: BenchmarkOptions): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'evertoken-cold-'));
  try {
    progress('bundling');
    const bundles = await bundle(folder);
    const { refreshing, loading } = await measure(bundles, full ? ROUNDS.full : ROUNDS.short, progress);
    const figures: Figure[] = [];
    for (const handler of REFRESHING) figures.push(...refreshFigures(handler, refreshing));
    for (const handler of LOADED) {
      figures.push(ratio(`${handler}: CPU to load`, loading, [handler, BY_HAND], ({ cpuMs }) => cpuMs));
    }
    for (const handler of HANDLERS) figures.push(entryFigure(handler, bundles));
    if (full) figures.push(...moduleFigures(bundles));
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All bundles, and what they are measured against, bundled the same way. */
async function bundle(folder: string): Promise<ReadonlyMap<string, Bundle>> {
  const root = repositoryRoot();
  const all = join(folder, 'all');
  const metafile = await buildBundles(root, all);
  const bundles = new Map<string, Bundle>();
  for (const handler of HANDLERS) {
    assembleBundle({ bundles: all, presets: join(root, PRESETS_FOLDER) }, handler, join(folder, handler));
    bundles.set(handler, { file: join(folder, handler, 'index.mjs'), metafile, entry: `${handler}.mjs` });
  }
  for (const [name, entryPoint] of Object.entries(BESIDE)) {
    const outdir = join(folder, basename(entryPoint, '.ts'));
    const options = { ...bundleOptions(root), entryPoints: [entryPoint], outdir, entryNames: 'index' };
    const { metafile } = await build({ ...options, metafile: true });
    bundles.set(name, { file: join(outdir, 'index.mjs'), metafile, entry: 'index.mjs' });
  }
  return bundles;
}

type Runs<Run> = ReadonlyMap<string, readonly Run[]>;

async function measure(
  bundles: ReadonlyMap<string, Bundle>,
  rounds: number,
  progress: BenchmarkOptions['progress'],
): Promise<{ refreshing: Runs<Measured>; loading: Runs<ColdRun> }> {
  await using deployment = await startColdDeployment();
  const refreshing = new Map<string, Measured[]>();
  const loading = new Map<string, ColdRun[]>();
  const fileOf = (name: string) => bundles.get(name)?.file ?? '';
  const { environment } = deployment;
  for (let round = 0; round < rounds; round += 1) {
    progress(`round ${round + 1} of ${rounds}`);
    const byHand = await started(deployment, fileOf(BY_HAND));
    add(refreshing, BY_HAND, byHand);
    for (const handler of REFRESHING) {
      const { calls, ...run } = await started(deployment, fileOf(handler), handler);
      add(refreshing, handler, run);
      const bare = await started(deployment, fileOf(BARE_CALLS), { calls });
      if (`${bare.calls}` !== `${calls}`)
        throw new Error(`${handler} calls ${calls}, and bare are ${bare.calls}`);
      add(refreshing, bareCallsOf(handler), bare);
    }
    // Half as often: less is said of them.
    if (round % 2 === 1) continue;
    for (const name of [BY_HAND, ...LOADED])
      add(loading, name, await startCold({ file: fileOf(name), environment }));
  }
  return { refreshing, loading };
}

const bareCallsOf = (handler: string) => `${BARE_CALLS} of ${handler}`;

/**
 * One cold start, for a connection of its own.
 * @param called the handler that a bundle is of, or what anything else is called with
 */
async function started(
  deployment: ColdDeployment,
  file: string,
  called: (typeof REFRESHING)[number] | object = {},
): Promise<Measured & { readonly calls: readonly string[] }> {
  const registered = typeof called === 'string';
  const { name, secretId } = await deployment.connect({ registered });
  const environment = registered ? deployment.environment : deployment.environmentOf(secretId);
  const event = registered ? EVENTS[called](name) : called;
  const run = await startCold({ file, environment, event });
  const calls = await deployment.takeCalls();
  const written = calls.find(
    ({ operation, resource }) => operation === 'PutSecretValue' && resource === secretId,
  );
  if (written === undefined) throw new Error(`${secretId} was not written`);
  const committedMs = Number(BigInt(written.atNs) - run.startedNs) / 1e6;
  return { ...run, committedMs, calls: calls.map(({ operation }) => operation) };
}

function refreshFigures(handler: string, runs: Runs<Measured>): Figure[] {
  const bare = bareCallsOf(handler);
  const committed = 'start to committed token';
  const of = (what: string, value: (run: Measured) => number, more: Partial<Figure> = {}) =>
    ratio(`${handler}: ${what}`, runs, [handler, BY_HAND], value, more);
  const beside = (what: string, value: (run: Measured) => number, more: Partial<Figure> = {}) =>
    ratio(`${handler}: ${what}`, runs, [handler, bare, BARE_CALLS], value, more);
  const memory = { tolerance: MEMORY_TOLERANCE };
  return [
    of(committed, ({ committedMs }) => committedMs, { goal: 1.4 }),
    of('start to answer', ({ totalMs }) => totalMs),
    of('CPU', ({ cpuMs }) => cpuMs),
    of('peak memory', ({ peakMb }) => peakMb, { ...memory, goal: 1.15 }),
    beside(committed, ({ committedMs }) => committedMs),
    beside('CPU', ({ cpuMs }) => cpuMs),
    beside('peak memory', ({ peakMb }) => peakMb, memory),
    ratio(`${bare}: ${committed}`, runs, [bare, BY_HAND], ({ committedMs }) => committedMs),
    ratio(`${bare}: peak memory`, runs, [bare, BY_HAND], ({ peakMb }) => peakMb, memory),
    {
      name: `${handler}: ${committed}`,
      value: middleOf(runs, handler, ({ committedMs }) => committedMs),
      unit: 'ms',
    },
    { name: `${handler}: import`, value: middleOf(runs, handler, ({ importMs }) => importMs), unit: 'ms' },
    { name: `${handler}: call`, value: middleOf(runs, handler, ({ callMs }) => callMs), unit: 'ms' },
    { name: `${handler}: peak memory`, value: middleOf(runs, handler, ({ peakMb }) => peakMb), unit: 'MB' },
  ];
}

/** @param sides whose figure, by whose, and what the other is called where that is not its name */
function ratio<Run>(
  what: string,
  runs: Runs<Run>,
  [one, other, otherName = other]: readonly [string, string, string?],
  value: (run: Run) => number,
  more: Partial<Figure> = {},
): Figure {
  const times = middleOf(runs, one, value) / middleOf(runs, other, value);
  return { name: `${what}, ${otherName} = 1`, value: times, unit: 'ratio', tolerance: TOLERANCE, ...more };
}

function middleOf<Run>(runs: Runs<Run>, name: string, value: (run: Run) => number): number {
  return middle((runs.get(name) ?? []).map(value));
}

/** All that is read before the handler is there: the entry, and what it imports at once. */
function entryFigure(handler: string, bundles: ReadonlyMap<string, Bundle>): Figure {
  const { metafile, entry = '' } = bundles.get(handler) ?? {};
  const bytes = metafile ? bytesBefore(metafile, entry) : Number.NaN;
  return {
    name: `${handler}: KB of the entry and all that it begins with`,
    value: Math.round(bytes / 1024),
    unit: 'count',
    tolerance: 0.05,
    goal: 600,
  };
}

function moduleFigures(bundles: ReadonlyMap<string, Bundle>): Figure[] {
  const { metafile, entry = '' } = bundles.get('refresh-due') ?? {};
  if (metafile === undefined) return [];
  const all = modulesOf(metafile, entry);
  const rest = all.slice(MODULES_SHOWN).reduce((sum, { bytes }) => sum + bytes, 0);
  return [...all.slice(0, MODULES_SHOWN), { name: 'all others', bytes: rest }].map(({ name, bytes }) => ({
    name: `refresh-due begins with ${name}`,
    value: bytes / 1024,
    unit: 'KB' as const,
  }));
}

function add<Run>(runs: Map<string, Run[]>, name: string, run: Run): void {
  const list = runs.get(name) ?? [];
  list.push(run);
  runs.set(name, list);
}
