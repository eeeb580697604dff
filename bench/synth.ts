/** What the CDK app takes, which `cdk synth` and `cdk deploy` run: with bundles as they are kept, and without. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../infra/handler-bundle.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './benchmark.ts';
import { type TimedRun, timeNode, timeYardstick } from './cold/timed-process.ts';
import { middle } from './middle.ts';

const ROUNDS = { short: 3, full: 7 };
/** All that the app reads of a checkout, beside its packages. */
const CHECKOUT = ['infra', 'functions', 'cdk.json', 'package.json', 'package-lock.json', 'connections.json'];

export default {
  about: 'What the CDK app takes, against importing CDK',
  run,
} satisfies Benchmark;

async function run({ full, progress }: BenchmarkOptions): Promise<readonly Figure[]> {
  const root = repositoryRoot();
  const settings = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as { context: object };
  const folder = await mkdtemp(join(tmpdir(), 'evertoken-synth-'));
  const runs = {
    yardstick: [] as TimedRun[],
    own: [] as TimedRun[],
    again: [] as TimedRun[],
    first: [] as TimedRun[],
  };
  const synthesise = (checkout: string, validation: boolean) =>
    timeNode(['infra/app.ts'], {
      cwd: checkout,
      environment: {
        CDK_OUTDIR: join(checkout, 'cdk.out'),
        CDK_CONTEXT_JSON: JSON.stringify(settings.context),
        CDK_VALIDATION: String(validation),
      },
    });
  try {
    const checkout = join(folder, 'checkout');
    await checkOut(root, checkout);
    await synthesise(checkout, false);
    for (let round = 0; round < (full ? ROUNDS.full : ROUNDS.short); round += 1) {
      progress(`round ${round + 1}`);
      runs.yardstick.push(await timeYardstick(root));
      runs.own.push(await synthesise(checkout, false));
      if (!full) continue;
      runs.again.push(await synthesise(checkout, true));
      await rm(join(checkout, 'node_modules/.cache'), { recursive: true });
      runs.first.push(await synthesise(checkout, true));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const ratio = (name: string, of: readonly TimedRun[], value: (run: TimedRun) => number): Figure => ({
    name: `${name}, import of CDK's modules = 1`,
    value: middle(of.map(value)) / middle(runs.yardstick.map(value)),
    unit: 'ratio',
    tolerance: 0.6,
  });
  const ms = (name: string, of: readonly TimedRun[]): Figure => ({
    name: `${name}: time`,
    value: middle(of.map(({ wallMs }) => wallMs)),
    unit: 'ms',
  });
  const figures = [
    ratio("without CDK's validation: CPU", runs.own, ({ cpuMs }) => cpuMs),
    ms("without CDK's validation", runs.own),
  ];
  if (!full) return figures;
  return [
    ...figures,
    ratio('as cdk synth runs it: CPU', runs.again, ({ cpuMs }) => cpuMs),
    ms('as cdk synth runs it', runs.again),
    ms('first after a change of the functions', runs.first),
  ];
}

/** A copy whose bundles are not kept yet; its packages are those of this one. */
async function checkOut(root: string, checkout: string): Promise<void> {
  for (const path of CHECKOUT) await cp(join(root, path), join(checkout, path), { recursive: true });
  const packages = join(checkout, 'node_modules');
  await mkdir(packages);
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '.cache') await symlink(join(root, 'node_modules', name), join(packages, name));
  }
}
