import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../../../../infra/bundle-options.ts';
import { HANDLERS, type HandlerName, PRESETS_FOLDER } from '../../../../infra/handler-bundle.ts';
import { ROOT } from '../../../support/source-files.ts';

export interface Bundles extends AsyncDisposable {
  /** The folder that is deployed for a handler. */
  folderOf(handler: HandlerName): string;
}

/** Bundles every handler as a deployment does, far from `node_modules`. */
export async function makeBundles(): Promise<Bundles> {
  const outdir = await mkdtemp(join(tmpdir(), 'evertoken-runtime-'));
  const folderOf = (handler: HandlerName) => join(outdir, handler);
  const presets = (await readdir(join(ROOT, PRESETS_FOLDER))).filter((file) => file.endsWith('.json'));
  for (const handler of HANDLERS) {
    await build({ ...bundleOptions(ROOT, handler), outdir: folderOf(handler) });
    for (const preset of presets) {
      await cp(join(ROOT, PRESETS_FOLDER, preset), join(folderOf(handler), preset));
    }
  }
  return { folderOf, [Symbol.asyncDispose]: () => rm(outdir, { recursive: true, force: true }) };
}
