/** From `npm start` to the first token, as a person waits for it: synthesised before, and for the first time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { repositoryRoot } from '../infra/handler-bundle.ts';
import type { Benchmark, BenchmarkOptions, Figure } from './benchmark.ts';
import { timeYardstick } from './cold/timed-process.ts';
import { middle } from './middle.ts';

const ROUNDS = { short: 3, full: 9 };

export default {
  about: 'From npm start to the first token, against importing CDK',
  run,
} satisfies Benchmark;

async function run({ full, progress }: BenchmarkOptions): Promise<readonly Figure[]> {
  const root = repositoryRoot();
  const runs = { yardstick: [] as number[], again: [] as number[], first: [] as number[] };
  const firstToken = () => timeFirstToken(root);
  await firstToken();
  for (let round = 0; round < (full ? ROUNDS.full : ROUNDS.short); round += 1) {
    progress(`round ${round + 1}`);
    runs.yardstick.push((await timeYardstick(root)).wallMs);
    runs.again.push(await firstToken());
    if (!full) continue;
    await rm(join(root, '.evertoken/assemblies'), { recursive: true, force: true });
    runs.first.push(await firstToken());
  }
  const ratio = (name: string, of: readonly number[]): Figure => ({
    name: `${name}, import of CDK's modules = 1`,
    value: middle(of) / middle(runs.yardstick),
    unit: 'ratio',
    tolerance: 0.8,
  });
  const figures: Figure[] = [
    ratio('start to first token', runs.again),
    { name: 'start to first token', value: middle(runs.again), unit: 'ms' },
  ];
  if (!full) return figures;
  return [
    ...figures,
    ratio('start to first token, not synthesised before', runs.first),
    { name: 'start to first token, not synthesised before', value: middle(runs.first), unit: 'ms' },
  ];
}

/** @throws Error when it ends without one */
async function timeFirstToken(root: string): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, ['local/main.ts', '--json', '--port', '0', '--for', '60'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    for await (const line of createInterface({ input: child.stdout as Readable })) {
      if (JSON.parse(line).type === 'refreshed') return performance.now() - startedMs;
    }
    throw new Error('it ended without a token');
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}
