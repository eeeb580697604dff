/**
 * How long the functions' bundles take to load, as multiples of a bundle that only has the Secrets Manager
 * client and `fetch`, measured in turns in one run.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ROUNDS = 15;
const run = promisify(execFile);

const directory = await mkdtemp(join(tmpdir(), 'evertoken-bench-'));
const baseline = join(directory, 'baseline.mjs');
await build({
  stdin: {
    contents:
      "import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'; export const handler = () => fetch(String(SecretsManagerClient));",
    resolveDir: process.cwd(),
  },
  outfile: baseline,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
await run(process.execPath, ['build.ts']);
const handlers = await readdir('dist/lambda');

const bundles = new Map<string, string>([
  ['baseline', baseline],
  ...handlers.map((handler) => [handler, resolve('dist/lambda', handler, 'index.mjs')] as const),
]);
const times = new Map<string, number[]>([...bundles.keys()].map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, file] of bundles) times.get(name)?.push(await loadMs(file));
}
const base = median(times.get('baseline') ?? []);
const baseSize = (await stat(baseline)).size;
console.log('bundle         load  × baseline    size  × baseline');
for (const [name, file] of bundles) {
  const ms = median(times.get(name) ?? []);
  const { size } = await stat(file);
  console.log(
    `${name.padEnd(13)}${ms.toFixed(0).padStart(4)} ms${(ms / base).toFixed(2).padStart(11)}` +
      `${(size / 1024).toFixed(0).padStart(6)} KB${(size / baseSize).toFixed(2).padStart(11)}`,
  );
}
await rm(directory, { recursive: true });

/** In a process of its own, the process's own start left out. */
async function loadMs(file: string): Promise<number> {
  const script =
    'const start = performance.now(); await import(process.argv[1]); console.log(performance.now() - start);';
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, `file://${file}`]);
  return Number(stdout);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
