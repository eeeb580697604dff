import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import { AssetCode, type Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type * as Esbuild from 'esbuild';
import {
  bundleOptions,
  HANDLERS,
  HANDLERS_FOLDER,
  type HandlerName,
  PRESETS_FOLDER,
  repositoryRoot,
} from '../handler-bundle.ts';

/**
 * The code of a function: in the published package what was built, and in a checkout, where nothing need be
 * built before, a bundle of the sources as they are.
 */
export function handlerCode(scope: IConstruct, handler: HandlerName): Code {
  if (!import.meta.url.endsWith('.ts')) {
    return new AssetCode(fileURLToPath(new URL(`../../lambda/${handler}`, import.meta.url)));
  }
  // False where CDK only wants to know of the stack, or deploys another one: then any folder will do.
  if (!Stack.of(scope).bundlingRequired) return new AssetCode(join(repositoryRoot(), HANDLERS_FOLDER));
  return new AssetCode(join(bundles(), handler));
}

let made: string | undefined;

/** Bundles once in a process, into a folder that lasts as long: CDK copies it into its assembly. */
function bundles(): string {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), 'evertoken-bundles-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const root = repositoryRoot();
  // A tool of development: the published package does not have it.
  const esbuild: typeof Esbuild = createRequire(import.meta.url)('esbuild');
  const presets = readdirSync(join(root, PRESETS_FOLDER)).filter((file) => file.endsWith('.json'));
  for (const handler of HANDLERS) {
    mkdirSync(join(folder, handler));
    for (const preset of presets) cpSync(join(root, PRESETS_FOLDER, preset), join(folder, handler, preset));
    const { outputFiles } = esbuild.buildSync({ ...bundleOptions(root, handler), write: false });
    for (const { path, contents } of outputFiles) {
      writeFileSync(join(folder, handler, basename(path)), contents);
    }
  }
  made = folder;
  return folder;
}
