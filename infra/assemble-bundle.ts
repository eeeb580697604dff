import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HandlerName } from './handler-bundle.ts';

/** Beside the bundles: the files that each consists of, by handler. */
export const BUNDLE_FILES = 'bundles.json';

export type BundleFiles = Readonly<Record<HandlerName, readonly string[]>>;

export interface BundleParts {
  /** The folder of all bundles, which share most of their files. */
  readonly bundles: string;
  /** The folder of the provider presets, which a bundle reads from where it lies. */
  readonly presets: string;
}

/**
 * Puts together what is deployed for one handler, and no more: its module as `index.mjs`, what that imports, with the
 * source maps where there are any, and the presets.
 * @param folder made anew
 */
export function assembleBundle(
  { bundles, presets }: BundleParts,
  handler: HandlerName,
  folder: string,
): void {
  mkdirSync(folder, { recursive: true });
  const files = JSON.parse(readFileSync(join(bundles, BUNDLE_FILES), 'utf8')) as BundleFiles;
  for (const file of files[handler]) {
    const as = file === `${handler}.mjs` ? 'index.mjs' : file;
    copyFileSync(join(bundles, file), join(folder, as));
    if (existsSync(join(bundles, `${file}.map`))) {
      copyFileSync(join(bundles, `${file}.map`), join(folder, `${as}.map`));
    }
  }
  for (const preset of readdirSync(presets).filter((name) => name.endsWith('.json'))) {
    copyFileSync(join(presets, preset), join(folder, preset));
  }
}
