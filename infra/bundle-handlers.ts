/**
 * Bundles every handler for a deployment from source, with the presets beside it.
 *
 *   node bundle-handlers.ts <folder>
 */
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.ts';
import { HANDLERS, PRESETS_FOLDER, repositoryRoot } from './handler-bundle.ts';

const [, , folder = ''] = process.argv;
const root = repositoryRoot();
const presets = (await readdir(join(root, PRESETS_FOLDER))).filter((file) => file.endsWith('.json'));
await Promise.all(
  HANDLERS.map(async (handler) => {
    const outdir = join(folder, handler);
    await mkdir(outdir, { recursive: true });
    // Written here, so that the source maps name sources as those of `dist` do.
    const { outputFiles } = await build({ ...bundleOptions(root, handler), write: false });
    for (const { path, contents } of outputFiles) await writeFile(join(outdir, basename(path)), contents);
    for (const preset of presets) await cp(join(root, PRESETS_FOLDER, preset), join(outdir, preset));
  }),
);
