/**
 * Builds what is published and deployed into `dist/`: `npm run build`.
 *
 * - `cjs/`: the constructs, the presets, the reader and the CDK app as CommonJS, with their types; everybody can load it
 * - `reader/`: the reader as ES modules
 * - `cli/`: the command, with all that it needs but Node
 * - `lambda/`: the bundles of the functions
 * - `functions/providers/`: the presets, which all of these read from there
 * - `bom.json` and `NOTICES.txt`: what of other people's is shipped, and under which licences
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { billOfMaterials } from '../infra/bill-of-materials.ts';
import { buildBundles } from '../infra/build-bundles.ts';
import { BUNDLES_FOLDER, PRESETS_FOLDER, repositoryRoot } from '../infra/handler-bundle.ts';
import { buildCommand } from './command.ts';
import { buildLibrary } from './library.ts';
import { thirdPartyNotices } from './third-party-notices.ts';

const root = repositoryRoot();
const dist = join(root, 'dist');
await rm(dist, { recursive: true, force: true });
const library = await buildLibrary(root, dist);
const command = await buildCommand(root, join(dist, 'cli'));
const functions = await buildBundles(root, join(root, BUNDLES_FOLDER));
// Made again from the same sources, the maps are the same: `npm run symbolicate` in a checkout of the version.
for (const file of await readdir(join(root, BUNDLES_FOLDER))) {
  if (file.endsWith('.map')) await rm(join(root, BUNDLES_FOLDER, file));
}
await copyPresets();
const outputs = { ...library.outputs, ...command.outputs, ...functions.outputs };
await writeFile(join(dist, 'NOTICES.txt'), await thirdPartyNotices(root, { outputs }));
await writeBill();

/** The bill of materials. It has a date only where SOURCE_DATE_EPOCH gives one: equal builds are equal. */
async function writeBill(): Promise<void> {
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
  await writeFile(join(dist, 'bom.json'), `${JSON.stringify(bill, null, 2)}\n`);
  console.log(`dist/bom.json  ${bill.components.length} packages`);
}

async function copyPresets(): Promise<void> {
  const folder = join(root, 'dist', PRESETS_FOLDER);
  await mkdir(folder, { recursive: true });
  const files = await readdir(join(root, PRESETS_FOLDER));
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    await cp(join(root, PRESETS_FOLDER, file), join(folder, file));
  }
}
