import type { BuildOptions } from 'esbuild';
import { BUNDLES_FOLDER, HANDLERS, HANDLERS_FOLDER } from './handler-bundle.ts';
import { undiciClient } from './undici-client.ts';

/** An ES module needs `require` for the CommonJS among its dependencies. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * How the handlers are bundled, for what is published and for a deployment from source alike. With the same
 * sources the bytes are the same wherever the repository lies, so that a deployment changes nothing. What several have
 * in common is there once, and what is imported when it is first needed lies in files of its own, so that a cold start
 * does not read it. Functions keep their names in stack traces; the source maps are for `npm run symbolicate`, since
 * reading them would slow each cold start.
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
    keepNames: true,
    sourcemap: 'external',
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    // undici asks for it: without, it brings a second parser of HTTP, which is off.
    define: { esbuildDetection: '1' },
    plugins: [undiciClient],
    logLevel: 'warning',
  } satisfies BuildOptions;
}
