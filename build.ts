/**
 * Builds what is published and deployed: one bundle for each handler, in `dist/lambda/<handler>/`, with the
 * provider presets as files beside it.
 */
import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const HANDLERS = 'functions/handlers';
const PRESETS = 'functions/providers';
const OUT = 'dist/lambda';

/** A bundle in ES modules needs `require` for the CommonJS among its dependencies. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const handlers = ['refresh-due', 'refresh-now', 'reconcile'];

await rm(OUT, { recursive: true, force: true });
const presets = (await readdir(PRESETS)).filter((file) => file.endsWith('.json'));
for (const handler of handlers) {
  const directory = join(OUT, handler);
  await mkdir(directory, { recursive: true });
  const outfile = join(directory, 'index.mjs');
  await build({
    entryPoints: [join(HANDLERS, `${handler}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
  for (const preset of presets) await cp(join(PRESETS, preset), join(directory, basename(preset)));
  const { size } = await stat(outfile);
  console.log(`${outfile}  ${Math.round(size / 1024)} KB`);
}
