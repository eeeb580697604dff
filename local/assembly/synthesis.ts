import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AssemblyError } from './template.ts';

/** All that decides what is synthesised, beside the connections and the Node that does it. */
const SOURCES = ['infra', 'functions', 'cdk.json', 'package.json', 'package-lock.json'];
const APP = 'infra/app.ts';
const UNUSED_FOR_MS = 7 * 86_400_000;

export interface SynthesisOptions {
  readonly namespace: string;
  /** The `connections` of a file of connections. */
  readonly connections: Readonly<Record<string, unknown>>;
  /** Called when nothing like it has been synthesised before. */
  readonly onStart?: (() => void) | undefined;
  /** The root of the repository. Default: this one. */
  readonly root?: string;
  /** Where assemblies are kept. Default: `.evertoken/assemblies` in the repository. */
  readonly cache?: string;
}

/**
 * Runs the CDK app as `cdk synth` does, unless that has been done for the same sources and connections.
 * @returns the folder of the assembly
 * @throws AssemblyError with what the app says of connections that cannot be deployed
 */
export async function synthesiseOnce(options: SynthesisOptions): Promise<string> {
  const { root = fileURLToPath(new URL('../../', import.meta.url)) } = options;
  const { cache = join(root, '.evertoken/assemblies') } = options;
  const connections = JSON.stringify({ connections: options.connections });
  const assembly = join(cache, digestOf(root, [process.version, options.namespace, connections]));
  const now = new Date();
  try {
    await utimes(assembly, now, now);
    return assembly;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  options.onStart?.();
  await mkdir(cache, { recursive: true });
  // Beside its place, which it takes in one step: others may do the same at the same time.
  const made = await mkdtemp(join(cache, 'new-'));
  try {
    const file = join(made, 'connections.json');
    await writeFile(file, connections);
    const settings = join(made, 'deployment.json');
    await writeFile(settings, JSON.stringify({ namespace: options.namespace, alarmEmail: null }));
    await runApp(root, made, { settings });
    await rename(made, assembly).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  await dropUnused(cache, now.getTime());
  return assembly;
}

async function runApp(root: string, outdir: string, context: Record<string, string>): Promise<void> {
  const settings = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as { context: object };
  const env = {
    ...process.env,
    // CloudFormation's rules are three quarters of a synthesis, and for what is deployed, which this never is.
    CDK_VALIDATION: 'false',
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...settings.context, ...context }),
  };
  try {
    await promisify(execFile)(process.execPath, [APP], { cwd: root, env });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new AssemblyError(
      stderr.replaceAll(`${join(outdir, 'connections.json')}: `, '').trim() || 'the app failed',
    );
  }
}

/** Of the names and contents of all sources. Not to let go between hundreds of small files takes a tenth of the time. */
function digestOf(root: string, more: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(more));
  const add = (path: string): void => {
    const full = join(root, path);
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) add(`${path}/${name}`);
      return;
    }
    const content = readFileSync(full);
    hash.update(JSON.stringify([path, content.length])).update(content);
  };
  for (const source of SOURCES) add(source);
  return hash.digest('hex').slice(0, 32);
}

async function dropUnused(cache: string, now: number): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
    if (now - mtimeMs > UNUSED_FOR_MS) await rm(path, { recursive: true, force: true });
  }
}
