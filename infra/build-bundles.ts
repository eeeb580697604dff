import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { BUNDLE_FILES } from './assemble-bundle.ts';
import { bundleOptions } from './bundle-options.ts';
import { HANDLERS } from './handler-bundle.ts';

/**
 * Bundles all handlers into one folder, where they share what they have in common, and writes beside them which files
 * each consists of.
 * @param root of the repository
 */
export async function buildBundles(root: string, folder: string): Promise<Metafile> {
  await mkdir(folder, { recursive: true });
  // Written here, so that the source maps name sources as those of `dist` do.
  const { outputFiles, metafile } = await build({ ...bundleOptions(root), write: false, metafile: true });
  const files = Object.fromEntries(HANDLERS.map((handler) => [handler, filesOf(metafile, `${handler}.mjs`)]));
  const needed = new Set(Object.values(files).flat());
  for (const { path, contents } of outputFiles) {
    const name = basename(path);
    // A part that was split off before all that asks for it fell away.
    if (needed.has(name.replace(/\.map$/, ''))) await writeFile(join(folder, name), contents);
  }
  await writeFile(join(folder, BUNDLE_FILES), `${JSON.stringify(files, null, 2)}\n`);
  return metafile;
}

/** A module and all that it imports, on demand as well. */
function filesOf({ outputs }: Metafile, entry: string): string[] {
  const found = new Set<string>();
  const wanted = Object.keys(outputs).filter((path) => basename(path) === entry);
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const { path: imported, external } of outputs[path]?.imports ?? []) {
      if (external !== true) wanted.push(imported);
    }
  }
  return [...found].map((path) => basename(path)).sort();
}
