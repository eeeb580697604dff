/**
 * Builds what is published and deployed into `dist/`: ES modules with their types for the constructs, the
 * reader and the command, and a bundle for each handler in `dist/lambda/<handler>/`. Provider presets are
 * files beside what reads them. `dist/bom.json` says what of other people's is shipped.
 */
import { execFileSync } from 'node:child_process';
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { billOfMaterials } from './infra/bill-of-materials.ts';
import { bundleOptions } from './infra/bundle-options.ts';
import { bundleFolder, HANDLERS, PRESETS_FOLDER, repositoryRoot } from './infra/handler-bundle.ts';

const root = repositoryRoot();
await rm(join(root, 'dist'), { recursive: true, force: true });

const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
await copyPresets(join('dist', PRESETS_FOLDER));

const outputs: Metafile['outputs'] = {};
for (const handler of HANDLERS) {
  const { metafile } = await build({ ...bundleOptions(root, handler), metafile: true });
  Object.assign(outputs, metafile.outputs);
  const folder = bundleFolder(handler);
  await copyPresets(folder);
  const { size } = await stat(join(root, folder, 'index.mjs'));
  console.log(`${folder}/index.mjs  ${Math.round(size / 1024)} KB`);
}
await writeBill(join('dist', 'bom.json'));

/** The bill of materials. It has a date only where SOURCE_DATE_EPOCH gives one: equal builds are equal. */
async function writeBill(file: string): Promise<void> {
  const json = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8'));
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  if (epoch !== undefined && !/^\d{1,11}$/.test(epoch)) {
    throw new Error(`SOURCE_DATE_EPOCH: found "${epoch}"; expected whole seconds since 1970`);
  }
  const bill = billOfMaterials({
    manifest: await json('package.json'),
    lock: await json('package-lock.json'),
    bundles: { outputs },
    dateEpoch: epoch === undefined ? undefined : Number(epoch),
  });
  await writeFile(join(root, file), `${JSON.stringify(bill, null, 2)}\n`);
  console.log(`${file}  ${bill.components.length} packages`);
}

async function copyPresets(folder: string): Promise<void> {
  const files = await readdir(join(root, PRESETS_FOLDER));
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    await cp(join(root, PRESETS_FOLDER, file), join(root, folder, file));
  }
}
