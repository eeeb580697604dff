/**
 * Reads a stack trace of a function, or a log with some, and writes it with the places and functions in the sources:
 *
 *   npm run symbolicate -- refresh-due < stack.txt
 *   npm run symbolicate -- <folder> < stack.txt
 *
 * With a handler, by the source maps of the sources as they are here, which must be the ones that were deployed: the
 * published package has no maps, and those of a checkout of its version are the same. With the folder of a bundle, such as
 * an asset in `cdk.out`, by the maps in it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cachedBundles } from './infra/bundle-cache.ts';
import { HANDLERS, repositoryRoot } from './infra/handler-bundle.ts';
import { symbolicated } from './infra/stack-frames.ts';

const [, , where = ''] = process.argv;
const folder = HANDLERS.some((handler) => handler === where)
  ? join(cachedBundles(repositoryRoot()), where)
  : where;
if (existsSync(join(folder, 'index.mjs.map'))) {
  const mapOf = (file: string) => {
    const path = join(folder, `${file}.map`);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const sourceOf = (path: string) => {
    const source = join(repositoryRoot(), path);
    return existsSync(source) ? readFileSync(source, 'utf8') : undefined;
  };
  process.stdout.write(symbolicated(await text(process.stdin), { mapOf, sourceOf }));
} else {
  console.error(
    `Say whose stack trace it is: ${HANDLERS.join(', ')}, or the folder of a bundle with its source maps.`,
  );
  process.exitCode = 2;
}
