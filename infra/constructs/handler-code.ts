import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import { AssetCode, type Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { cachedBundles } from '../bundle-cache.ts';
import { HANDLERS_FOLDER, type HandlerName, repositoryRoot } from '../handler-bundle.ts';

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

/** Those of this process: the sources do not change under it. */
function bundles(): string {
  made ??= cachedBundles(repositoryRoot());
  return made;
}
