/**
 * Bundles every handler for a deployment from source, each into a folder of its own with all that it needs.
 *
 *   node bundle-handlers.ts <folder>
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assembleBundle } from './assemble-bundle.ts';
import { buildBundles } from './build-bundles.ts';
import { HANDLERS, PRESETS_FOLDER, repositoryRoot } from './handler-bundle.ts';

const [, , folder = ''] = process.argv;
const root = repositoryRoot();
const bundles = join(folder, 'all');
await buildBundles(root, bundles);
for (const handler of HANDLERS) {
  assembleBundle({ bundles, presets: join(root, PRESETS_FOLDER) }, handler, join(folder, handler));
}
await rm(bundles, { recursive: true });
