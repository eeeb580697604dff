/**
 * Builds what is published and deployed into `dist/`: ES modules with their types for the constructs, the
 * reader and the command, and one bundle for each handler in `dist/lambda/<handler>/`. Provider presets are
 * files beside what reads them.
 */
import { execFileSync } from 'node:child_process';
import { cp, readdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import {
  bundleFolder,
  bundleOptions,
  HANDLERS,
  PRESETS_FOLDER,
  repositoryRoot,
} from './infra/handler-bundle.ts';

const root = repositoryRoot();
await rm(join(root, 'dist'), { recursive: true, force: true });

const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
await copyPresets(join('dist', PRESETS_FOLDER));

await build(bundleOptions(root));
for (const handler of HANDLERS) {
  const folder = bundleFolder(handler);
  await copyPresets(folder);
  const { size } = await stat(join(root, folder, 'index.mjs'));
  console.log(`${folder}/index.mjs  ${Math.round(size / 1024)} KB`);
}

async function copyPresets(folder: string): Promise<void> {
  const files = await readdir(join(root, PRESETS_FOLDER));
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    await cp(join(root, PRESETS_FOLDER, file), join(root, folder, file));
  }
}
