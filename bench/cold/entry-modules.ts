import { basename } from 'node:path';
import type { Metafile } from 'esbuild';

/** Bytes that are read before a handler is there: its entry and what that imports, but on demand. */
export function bytesBefore(metafile: Metafile, entry: string): number {
  return [...begun(metafile, entry)].reduce((sum, path) => sum + (metafile.outputs[path]?.bytes ?? 0), 0);
}

/** Bytes of each package, and of each folder of our own, in what a bundle starts with; the largest first. */
export function modulesOf(metafile: Metafile, entry: string): { name: string; bytes: number }[] {
  const bytes = new Map<string, number>();
  for (const output of begun(metafile, entry)) {
    for (const [input, { bytesInOutput }] of Object.entries(metafile.outputs[output]?.inputs ?? {})) {
      const name = moduleOf(input);
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...bytes].map(([name, bytes]) => ({ name, bytes })).sort((one, other) => other.bytes - one.bytes);
}

function begun({ outputs }: Metafile, entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const wanted = Object.keys(outputs).filter((path) => basename(path) === entry);
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const { path: imported, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) wanted.push(imported);
    }
  }
  return found;
}

function moduleOf(input: string): string {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
  return name ?? input.split('/').slice(0, 2).join('/');
}
