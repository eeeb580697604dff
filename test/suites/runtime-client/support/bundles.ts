import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleBundle } from '../../../../infra/assemble-bundle.ts';
import { buildBundles } from '../../../../infra/build-bundles.ts';
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
  const bundles = join(outdir, 'all');
  await buildBundles(ROOT, bundles);
  for (const handler of HANDLERS) {
    assembleBundle({ bundles, presets: join(ROOT, PRESETS_FOLDER) }, handler, folderOf(handler));
  }
  return { folderOf, [Symbol.asyncDispose]: () => rm(outdir, { recursive: true, force: true }) };
}
