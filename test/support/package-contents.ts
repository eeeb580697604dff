import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { presetIdsSync } from '../../functions/providers/presets.ts';
import { BUNDLE_FILES } from '../../infra/assemble-bundle.ts';
import { cachedBundles } from '../../infra/bundle-cache.ts';
import { BUNDLES_FOLDER, HANDLERS } from '../../infra/handler-bundle.ts';
import { importedModules } from './module-imports.ts';
import { ROOT, readRepositoryFile } from './source-files.ts';

/**
 * What the published package holds, to the file but for the chunks of the command: the library with its types, the reader,
 * the bundles, the presets, and what a stranger should read. In order.
 */
export function packageContents(): string[] {
  const presets = presetIdsSync().map((id) => `dist/functions/providers/${id}.json`);
  const reader = [...reached(['reader/index.ts'])].map(stemOf);
  const library = ['index', 'presets', 'reader', 'app'].map((name) => `dist/cjs/${name}.js`);
  return [
    ...['LICENSE', 'README.md', 'package.json', 'connections.schema.json', 'deployment.schema.json'],
    ...['dist/bom.json', 'dist/NOTICES.txt', 'dist/cjs/package.json', 'dist/cli/main.js'],
    ...library,
    ...PUBLIC_TYPES.map((path) => `dist/cjs/${path}.d.ts`),
    ...reader.flatMap((stem) => [`dist/${stem}.js`, `dist/${stem}.d.ts`]),
    ...bundled(),
    ...presets,
  ].sort();
}

/** Sources whose types somebody who imports the package can come to, without their ending. */
const PUBLIC_TYPES = [
  ...['infra/index', 'infra/presets', 'infra/run-app', 'infra/synth-problem'],
  ...[
    'infra/constructs/connection',
    'infra/constructs/connection-options',
    'infra/constructs/provider-rules',
  ],
  ...['infra/constructs/connections', 'infra/constructs/deployment-metrics'],
  ...['infra/constructs/measured-deployment', 'infra/constructs/observable-deployment'],
  ...['infra/constructs/function-environment', 'infra/constructs/public-key-set'],
  ...['infra/constructs/readable-connection', 'infra/constructs/refresher-function'],
  ...['infra/constructs/status-widget', 'infra/constructs/token-refresher', 'infra/constructs/token-storage'],
  ...['reader/index', 'reader/default-reader', 'reader/token-location', 'reader/token-reader'],
  'reader/token-reader-error',
];

/** The command's own chunks, whose names follow from the sources. */
export const COMMAND_CHUNK = /^dist\/cli\/[\w.-]+-[A-Z0-9]{8}\.js$/;

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

const stemOf = (source: string) => source.replace(/\.ts$/, '');
