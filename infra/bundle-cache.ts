import { execFileSync } from 'node:child_process';
import { createHash, type Hash, randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** All of a checkout that decides what is bundled, beside the version of esbuild. */
const SOURCES = [
  'functions',
  'infra/assemble-bundle.ts',
  'infra/build-bundles.ts',
  'infra/bundle-handlers.ts',
  'infra/bundle-options.ts',
  'infra/handler-bundle.ts',
  'infra/node-modules.ts',
  'infra/shared-beginning.ts',
  'infra/undici-client.ts',
  'package-lock.json',
];
const SCRIPT = fileURLToPath(new URL('./bundle-handlers.ts', import.meta.url));
/** What the bundles of one digest were when they were made. */
const MANIFEST = 'manifest.json';
const UNUSED_FOR_MS = 7 * 86_400_000;

export interface BundleCacheOptions {
  /** Default: in the repository's `node_modules/.cache`, which nobody commits. */
  readonly cache?: string;
  /** Writes the bundles of all handlers into a folder. Default: runs `bundle-handlers.ts`. */
  readonly make?: (folder: string) => void;
}

/**
 * The bundles of all handlers, each in a folder by its name: made when none are there of the same sources, or not as
 * they were made. Two processes may ask at once; each finds a whole folder.
 * @param root the root of the repository
 * @returns the folder
 */
export function cachedBundles(root: string, options: BundleCacheOptions = {}): string {
  const { cache = join(root, 'node_modules/.cache/evertoken'), make = runScript } = options;
  const folder = join(cache, digestOfSources(root));
  if (isWhole(folder)) {
    const now = new Date();
    utimesSync(folder, now, now);
    return folder;
  }
  if (!isWritable(cache)) return withoutCache(make);
  // Beside its place, which it takes in one step.
  const made = join(cache, `new-${randomUUID()}`);
  try {
    make(made);
    writeFileSync(join(made, MANIFEST), digestOfFiles(made));
    takePlace(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  dropUnused(cache);
  return folder;
}

function isWritable(cache: string): boolean {
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** For this process alone: CDK copies it into its assembly. */
function withoutCache(make: (folder: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'evertoken-bundles-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  make(folder);
  return folder;
}

function takePlace(made: string, folder: string): void {
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      renameSync(made, folder);
      return;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(`${(error as NodeJS.ErrnoException).code}`)) throw error;
      // Another process was first; or what is there is torn, and makes room.
      if (isWhole(folder)) return;
      rmSync(folder, { recursive: true, force: true });
    }
  }
  throw new Error(`${folder} cannot be replaced`);
}

function isWhole(folder: string): boolean {
  try {
    return readFileSync(join(folder, MANIFEST), 'utf8') === digestOfFiles(folder);
  } catch {
    return false;
  }
}

function digestOfFiles(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) if (name !== MANIFEST) add(hash, folder, name);
  return hash.digest('hex');
}

function digestOfSources(root: string): string {
  const { version } = createRequire(import.meta.url)('esbuild/package.json') as { version: string };
  const hash = createHash('sha256').update(JSON.stringify([process.version, version]));
  for (const source of SOURCES) add(hash, root, source);
  return hash.digest('hex').slice(0, 32);
}

/** Of a file, or all of a folder: names and contents. */
function add(hash: Hash, root: string, path: string): void {
  const full = join(root, path);
  if (statSync(full).isDirectory()) {
    for (const name of readdirSync(full).sort()) add(hash, root, `${path}/${name}`);
    return;
  }
  const content = readFileSync(full);
  hash.update(JSON.stringify([path, content.length])).update(content);
}

function runScript(folder: string): void {
  execFileSync(process.execPath, [SCRIPT, folder], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** What nobody has asked for in a week, and what a killed process left. */
function dropUnused(cache: string): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > UNUSED_FOR_MS) rmSync(path, { recursive: true, force: true });
  }
}
