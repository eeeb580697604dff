/**
 * Builds what is published and deployed into `dist/`: ES modules with their types for the constructs, the
 * reader and the command, and the bundles of the handlers in `dist/lambda/`. Provider presets are files beside what
 * reads them. `dist/bom.json` says what of other people's is shipped.
 */
import { execFileSync } from 'node:child_process';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { billOfMaterials } from './infra/bill-of-materials.ts';
import { buildBundles } from './infra/build-bundles.ts';
import { BUNDLES_FOLDER, PRESETS_FOLDER, repositoryRoot } from './infra/handler-bundle.ts';

const root = repositoryRoot();
await rm(join(root, 'dist'), { recursive: true, force: true });

const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
await copyPresets(join('dist', PRESETS_FOLDER));

const { outputs } = await buildBundles(root, join(root, BUNDLES_FOLDER));
// Made again from the same sources, they are the same: `npm run symbolicate` in a checkout of the version.
for (const file of await readdir(join(root, BUNDLES_FOLDER))) {
  if (file.endsWith('.map')) await rm(join(root, BUNDLES_FOLDER, file));
}
const bytes = Object.entries(outputs).reduce(
  (sum, [path, { bytes }]) => sum + (path.endsWith('.map') ? 0 : bytes),
  0,
);
console.log(`${BUNDLES_FOLDER}  ${Math.round(bytes / 1024)} KB`);
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
