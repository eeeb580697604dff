/**
 * From the start of a process to a token that can be read, by the bundles that are deployed and by a function of 30
 * lines that somebody writes by hand, in turns; AWS and the provider in processes of their own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { assembleBundle } from '../infra/assemble-bundle.ts';
import { buildBundles } from '../infra/build-bundles.ts';
import { bundleOptions } from '../infra/bundle-options.ts';
import { HANDLERS, PRESETS_FOLDER, repositoryRoot } from '../infra/handler-bundle.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './benchmark.ts';
import { startColdDeployment } from './cold/cold-deployment.ts';
import { type ColdRun, type ColdStart, startCold } from './cold/cold-process.ts';
import { bytesBefore, modulesOf } from './cold/entry-modules.ts';

/** CPU of processes that live a tenth of a second scatters by a third from run to run, however they take turns. */
const TOLERANCE = 0.6;
const BY_HAND = 'by hand';
/** What refreshes; the others are loaded only. */
const REFRESHING = ['refresh-due', 'refresh-now'] as const;
const LOADED = HANDLERS.filter((handler) => !REFRESHING.some((each) => each === handler));
const ROUNDS = { short: 7, full: 41 };
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
      figures.push(ratio(`${handler}: CPU to load`, loading, handler, ({ cpuMs }) => cpuMs));
    }
    for (const handler of HANDLERS) figures.push(entryFigure(handler, bundles));
    if (full) figures.push(...moduleFigures(bundles));
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All bundles, and what is written by hand, bundled the same way. */
async function bundle(folder: string): Promise<ReadonlyMap<string, Bundle>> {
  const root = repositoryRoot();
  const all = join(folder, 'all');
  const metafile = await buildBundles(root, all);
  const bundles = new Map<string, Bundle>();
  for (const handler of HANDLERS) {
    assembleBundle({ bundles: all, presets: join(root, PRESETS_FOLDER) }, handler, join(folder, handler));
    bundles.set(handler, { file: join(folder, handler, 'index.mjs'), metafile, entry: `${handler}.mjs` });
  }
  const outdir = join(folder, 'by-hand');
  const options = { ...bundleOptions(root), entryPoints: ['bench/cold/by-hand.ts'], outdir };
  const byHand = await build({ ...options, entryNames: 'index', metafile: true });
  bundles.set(BY_HAND, { file: join(outdir, 'index.mjs'), metafile: byHand.metafile, entry: 'index.mjs' });
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
  for (let round = 0; round < rounds; round += 1) {
    progress(`round ${round + 1} of ${rounds}`);
    for (const name of [BY_HAND, ...REFRESHING]) {
      const connection = await deployment.connect(name === BY_HAND);
      const environment =
        name === BY_HAND ? deployment.environmentByHand(connection.secretId) : deployment.environment;
      const start: ColdStart = { file: fileOf(name), environment, event: eventOf(name, connection.name) };
      const run = await startCold(start);
      const committedMs = Number(deployment.writtenNs(connection.secretId) - run.startedNs) / 1e6;
      add(refreshing, name, { ...run, committedMs });
    }
    // Half as often: less is said of them.
    if (round % 2 === 1) continue;
    for (const name of [BY_HAND, ...LOADED]) {
      add(loading, name, await startCold({ file: fileOf(name), environment: deployment.environment }));
    }
  }
  return { refreshing, loading };
}

function eventOf(name: string, connection: string): unknown {
  return name === 'refresh-now' ? { connections: [connection] } : {};
}

function refreshFigures(handler: string, runs: Runs<Measured>): Figure[] {
  const of = (what: string, value: (run: Measured) => number, more: Partial<Figure> = {}) =>
    ratio(`${handler}: ${what}`, runs, handler, value, more);
  return [
    of('start to committed token', ({ committedMs }) => committedMs, { goal: 1.4 }),
    of('start to answer', ({ totalMs }) => totalMs),
    of('CPU', ({ cpuMs }) => cpuMs),
    of('peak memory', ({ peakMb }) => peakMb, { goal: 1.15, tolerance: 0.1 }),
    {
      name: `${handler}: start to committed token`,
      value: middle(runs, handler, ({ committedMs }) => committedMs),
      unit: 'ms',
    },
    { name: `${handler}: import`, value: middle(runs, handler, ({ importMs }) => importMs), unit: 'ms' },
    { name: `${handler}: call`, value: middle(runs, handler, ({ callMs }) => callMs), unit: 'ms' },
    { name: `${handler}: peak memory`, value: middle(runs, handler, ({ peakMb }) => peakMb), unit: 'MB' },
  ];
}

function ratio<Run>(
  name: string,
  runs: Runs<Run>,
  handler: string,
  value: (run: Run) => number,
  more: Partial<Figure> = {},
): Figure {
  const times = middle(runs, handler, value) / middle(runs, BY_HAND, value);
  return { name: `${name}, ${BY_HAND} = 1`, value: times, unit: 'ratio', tolerance: TOLERANCE, ...more };
}

function middle<Run>(runs: Runs<Run>, name: string, value: (run: Run) => number): number {
  const values = (runs.get(name) ?? []).map(value).sort((one, other) => one - other);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
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
