import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../support/source-files.ts';

const execute = promisify(execFile);

/** The built package, installed into a directory that had nothing in it. */
export interface InstalledPackage {
  readonly directory: string;
  /** What the tarball holds. */
  readonly files: readonly string[];
  /** Packs weigh this much, in bytes. */
  readonly packedSize: number;
  /** Installs further packages beside it. */
  install(...packages: string[]): Promise<void>;
  /** Runs JavaScript there as an ES module; answers with what it prints. */
  run(source: string): Promise<string>;
  /** Runs a program there with Node. */
  node(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }>;
  write(path: string, text: string): void;
  /** The bytes of the tarball. */
  tarball(): Buffer;
  /** Names of the packages that lie beside each other there. */
  packages(): readonly string[];
  remove(): void;
}

/** Packs the repository, which builds it, and installs the tarball as a stranger would. */
export async function installPackage(): Promise<InstalledPackage> {
  const directory = mkdtempSync(join(tmpdir(), 'evertoken-package-'));
  const { stdout } = await npm(['pack', '--json', '--pack-destination', directory], ROOT);
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as {
    filename: string;
    size: number;
    files: { path: string }[];
  }[];
  if (!packed) throw new Error('npm pack made nothing');
  const write = (path: string, text: string) => writeFileSync(join(directory, path), text);
  write('package.json', JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const install = async (...packages: string[]) => {
    await npm(['install', '--prefer-offline', ...packages], directory);
  };
  await install(join(directory, packed.filename));
  const node: InstalledPackage['node'] = (args, env = {}) =>
    execute(process.execPath, [...args], { cwd: directory, env: { PATH: process.env['PATH'], ...env } });
  return {
    directory,
    files: packed.files.map(({ path }) => path),
    packedSize: packed.size,
    install,
    node,
    run: async (source) => (await node(['--input-type=module', '--eval', source])).stdout,
    write,
    tarball: () => readFileSync(join(directory, packed.filename)),
    packages: () => packagesIn(join(directory, 'node_modules')),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function packagesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name];
  });
}

function npm(args: readonly string[], cwd: string) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  return execute('npm', [...args, ...quiet], { cwd, maxBuffer: 64 * 1024 * 1024 });
}
