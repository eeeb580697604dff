import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const RUNTIME = fileURLToPath(new URL('./runtime.ts', import.meta.url));

let made: string | undefined;

/**
 * The runtime of a function's process as one JavaScript text, made once: a process that took the types out itself would
 * need twice as long to start, and could read the repository for it.
 */
export function runtimeText(): string {
  made ??= buildSync({
    entryPoints: [RUNTIME],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: `node${process.versions.node}`,
    write: false,
  }).outputFiles[0]?.text;
  if (made === undefined) throw new Error('esbuild made nothing of the runtime');
  return made;
}
