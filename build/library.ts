import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** Modules that others import, by the name of the file that they become. */
const ENTRIES = {
  index: 'infra/index.ts',
  presets: 'infra/presets.ts',
  reader: 'reader/index.ts',
};

/** Whose types are published. */
const TYPED = ['infra/index.d.ts', 'infra/presets.d.ts', 'reader/index.d.ts'];

/** The app, for `cdk --app`. */
const APP = "#!/usr/bin/env node\nrequire('./index.js').runEvertokenApp();\n";

/** Where a module would lie that all relative paths in the sources are right for: beside the presets. */
const AS_SEEN_FROM = '../functions/providers/index.js';

/**
 * The constructs, the presets, the reader and the app: as CommonJS, which projects of both kinds load, and of which there
 * is one copy in a process; and the reader as ES modules beside it, which bundlers take apart.
 */
export async function buildLibrary(root: string, dist: string): Promise<Metafile> {
  const compiled = await mkdtemp(join(tmpdir(), 'evertoken-types-'));
  try {
    compile(root, compiled);
    await copyModules(join(compiled, 'reader'), join(dist, 'reader'));
    await copyTypes(compiled, join(dist, 'cjs'));
  } finally {
    await rm(compiled, { recursive: true, force: true });
  }
  await writeFile(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n');
  await writeFile(join(dist, 'cjs/app.js'), APP);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(ENTRIES).map(([out, path]) => ({ in: path, out })),
    outdir: 'dist/cjs',
    bundle: true,
    // What CDK and AWS give is the user's own; esbuild is asked for in a checkout alone.
    external: ['aws-cdk-lib', 'constructs', '@aws-sdk/*', 'esbuild'],
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    keepNames: true,
    mainFields: ['module', 'main'],
    define: { 'import.meta.url': 'evertokenUrl' },
    banner: {
      js: `const evertokenUrl = require('node:url').pathToFileURL(require('node:path').join(__dirname, '${AS_SEEN_FROM}')).href;`,
    },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

function compile(root: string, outDir: string): void {
  const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  execFileSync(process.execPath, [compiler, ...options], { stdio: 'inherit' });
}

async function copyModules(from: string, to: string): Promise<void> {
  for (const file of await readdir(from)) {
    if (file.endsWith('.d.ts')) await copyDeclaration(join(from, file), join(to, file));
    else await cp(join(from, file), join(to, file));
  }
}

/** What the types of the entries lead to, and no more. */
async function copyTypes(compiled: string, to: string): Promise<void> {
  const copied = new Set<string>();
  const wanted = TYPED.map((path) => join(compiled, path));
  for (let file = wanted.pop(); file !== undefined; file = wanted.pop()) {
    if (copied.has(file)) continue;
    copied.add(file);
    const text = await copyDeclaration(file, join(to, relative(compiled, file)));
    for (const [, path = ''] of text.matchAll(RELATIVE_IMPORT)) {
      wanted.push(join(dirname(file), path.replace(/\.js$/, '.d.ts')));
    }
  }
}

const RELATIVE_IMPORT = /(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** Names modules as they are named at run time: compilers of a while ago know no other way. @returns its text */
async function copyDeclaration(from: string, to: string): Promise<string> {
  const text = (await readFile(from, 'utf8')).replace(RELATIVE_IMPORT, (statement) =>
    statement.replace(/\.ts(['"])$/, '.js$1'),
  );
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, text);
  return text;
}
