import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import { AssetCode, type Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { assembleBundle } from '../assemble-bundle.ts';
import { cachedBundles } from '../bundle-cache.ts';
import { HANDLERS, HANDLERS_FOLDER, type HandlerName, repositoryRoot } from '../handler-bundle.ts';

/**
 * The code of a function: in the published package put together from what was built, and in a checkout, where nothing
 * need be built before, a bundle of the sources as they are.
 */
export function handlerCode(scope: IConstruct, handler: HandlerName): Code {
  const isPublished = !import.meta.url.endsWith('.ts');
  // False where CDK only wants to know of the stack, or deploys another one: then any folder will do.
  if (!isPublished && !Stack.of(scope).bundlingRequired) {
    return new AssetCode(join(repositoryRoot(), HANDLERS_FOLDER));
  }
  made ??= isPublished ? publishedBundles() : cachedBundles(repositoryRoot());
  return new AssetCode(join(made, handler));
}

/** Those of this process: what they are made of does not change under it. */
let made: string | undefined;

/** For this process alone: CDK copies them into its assembly. */
function publishedBundles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evertoken-functions-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const built = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const parts = { bundles: built('lambda'), presets: built('functions/providers') };
  for (const handler of HANDLERS) assembleBundle(parts, handler, join(folder, handler));
  return folder;
}
