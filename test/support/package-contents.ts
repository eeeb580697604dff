import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { presetIdsSync } from '../../functions/providers/presets.ts';
import { BUNDLE_FILES } from '../../infra/assemble-bundle.ts';
import { cachedBundles } from '../../infra/bundle-cache.ts';
import { BUNDLES_FOLDER, HANDLERS } from '../../infra/handler-bundle.ts';
import { importedModules } from './module-imports.ts';
import { ROOT, readRepositoryFile } from './source-files.ts';

/**
 * What the published package holds, to the file: what is compiled from the sources that its entry points reach,
 * the bundles, the presets, and what a stranger should read. In order.
 */
export function packageContents(): string[] {
  const { files }: { files: string[] } = JSON.parse(readRepositoryFile('tsconfig.build.json'));
  const presets = presetIdsSync().map((id) => `${id}.json`);
  return [
    ...['LICENSE', 'README.md', 'connections.schema.json', 'package.json', 'dist/bom.json'],
    ...[...reached(files)].flatMap(compiled),
    ...presets.map((preset) => `dist/functions/providers/${preset}`),
    ...bundled(),
  ].sort();
}

/** The bundles of all handlers, without their source maps: names of what they share follow from the sources. */
function bundled(): string[] {
  const modules = HANDLERS.flatMap((handler) =>
    readdirSync(join(cachedBundles(ROOT), handler))
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => (file === 'index.mjs' ? `${handler}.mjs` : file)),
  );
  return [...new Set([...modules, BUNDLE_FILES])].map((file) => `${BUNDLES_FOLDER}/${file}`);
}

/** The sources that these lead to, themselves among them. */
function reached(entryPoints: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const wanted = [...entryPoints];
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (found.has(path) || path.endsWith('.d.ts')) continue;
    found.add(path);
    const relative = importedModules(readRepositoryFile(path)).filter((name) => name.startsWith('.'));
    wanted.push(...relative.map((name) => posix.join(posix.dirname(path), name)));
  }
  return found;
}

/** The command is run, not imported: nobody needs its types. */
function compiled(source: string): string[] {
  const stem = `dist/${source.replace(/\.ts$/, '')}`;
  return source.startsWith('cli/') ? [`${stem}.js`] : [`${stem}.js`, `${stem}.d.ts`];
}
