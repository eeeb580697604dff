import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from '../benchmark.ts';

/** Where the benchmarks lie, ending in a slash. */
export const BENCH = fileURLToPath(new URL('../', import.meta.url));

/** The names of all that can be asked for: the files of `bench/` that export one by default. */
export function benchmarkNames(): string[] {
  return readdirSync(BENCH)
    .filter((file) => file.endsWith('.ts') && isBenchmark(readFileSync(join(BENCH, file), 'utf8')))
    .map((file) => basename(file, '.ts'))
    .sort();
}

/** @throws Error when the file exports something else */
export async function loadBenchmark(name: string): Promise<Benchmark> {
  const { default: benchmark } = await import(`../${name}.ts`);
  if (typeof benchmark?.run !== 'function' || typeof benchmark.about !== 'string')
    throw new Error(`bench/${name}.ts: expected a default export with "about" and "run"`);
  return benchmark;
}

const isBenchmark = (text: string) => /^export default \{/m.test(text);
