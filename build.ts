/**
 * Builds what is published and deployed: one bundle for each handler, in `dist/lambda/<handler>/`, with the
 * provider presets as files beside it.
 */
import { cp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import {
  bundleFolder,
  bundleOptions,
  HANDLERS,
  PRESETS_FOLDER,
  repositoryRoot,
} from './infra/handler-bundle.ts';

await rm('dist/lambda', { recursive: true, force: true });
const presets = (await readdir(PRESETS_FOLDER)).filter((file) => file.endsWith('.json'));
for (const handler of HANDLERS) {
  const options = bundleOptions(handler, repositoryRoot());
  await build(options);
  for (const preset of presets)
    await cp(join(PRESETS_FOLDER, preset), join(bundleFolder(handler), preset));
  const { size } = await stat(options.outfile);
  console.log(`${options.outfile}  ${Math.round(size / 1024)} KB`);
}
