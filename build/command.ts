import { build, type Metafile } from 'esbuild';

/** An ES module needs `require` for the CommonJS among its dependencies; presets lie two folders away. */
const BANNER = [
  "import { createRequire as evertokenRequire } from 'node:module';",
  'const require = evertokenRequire(import.meta.url);',
  "const evertokenUrl = new URL('../functions/providers/index.js', import.meta.url).href;",
].join(' ');

/**
 * The command, with all that it needs but Node: whoever installs the package for its constructs or its reader gets none of
 * that beside it. What only some commands need lies in files of its own, which they load.
 */
export async function buildCommand(root: string, outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/main.ts'],
    outdir,
    chunkNames: 'chunk-[hash]',
    splitting: true,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    define: { 'import.meta.url': 'evertokenUrl' },
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}
