import type { BuildOptions } from 'esbuild';
import { BUNDLES_FOLDER, HANDLERS, HANDLERS_FOLDER } from './handler-bundle.ts';
import { nodeModules } from './node-modules.ts';
import { sharedBeginning } from './shared-beginning.ts';
import { undiciClient } from './undici-client.ts';

/** The CommonJS among the dependencies requires modules of Node alone, and an ES module has no `require`. */
const REQUIRE = 'const require = process.getBuiltinModule;';

/**
 * How the handlers are bundled, for what is published and for a deployment from source alike. With the same
 * sources the bytes are the same wherever the repository lies, so that a deployment changes nothing. What several have
 * in common is there once, and what is imported when it is first needed lies in files of its own, so that a cold start
 * does not read it. Names of functions are short, and source maps are not read: both would slow each cold start, and
 * `npm run symbolicate` brings them back into a stack trace.
 * @param root the root of the repository
 */
export function bundleOptions(root: string) {
  return {
    absWorkingDir: root,
    entryPoints: HANDLERS.map((handler) => `${HANDLERS_FOLDER}/${handler}.ts`),
    outdir: BUNDLES_FOLDER,
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: 'external',
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    // undici asks for it: without, it brings a second parser of HTTP, which is off.
    define: { esbuildDetection: '1' },
    plugins: [undiciClient, nodeModules, sharedBeginning(root)],
    logLevel: 'warning',
  } satisfies BuildOptions;
}
