import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LockedPackages } from '../../support/lockfile.ts';
import { readRepositoryFile } from '../../support/source-files.ts';
import { type InstalledPackage, installPackage } from './installed-package.ts';

/** Compilers by the name that each is installed as. */
const COMPILERS = { 'TypeScript 5.4': 'ts54', 'TypeScript 5.9': 'ts59', 'TypeScript 7': 'ts7' };

/** A CDK app that synthesises, and a reader, as somebody writes them; it says what it did. */
const CONSUMER = `import { App, Stack } from 'aws-cdk-lib';
import { Connection, type ConnectionProps, type ProviderRules, TokenRefresher, TokenStorage } from 'evertoken';
import { presets } from 'evertoken/presets';
import { accessToken, createTokenReader, type TokenReader } from 'evertoken/reader';

const app = new App();
const stack = new Stack(app, 'tokens');
const storage = new TokenStorage(stack, 'Storage');
const rules: ProviderRules = { request: { bodyFormat: 'json' } };
const props: ConnectionProps = { storage, connectionName: 'crm', provider: presets.kajabi, credentials: 'main', rules };
const name: string = new Connection(stack, 'Crm', props).connectionName;
new TokenRefresher(stack, 'Refresher', { storage });
const reader: TokenReader = createTokenReader({ namespace: 'evertoken' });
// @ts-expect-error A namespace is text.
export const wrong = () => new TokenStorage(stack, 'Wrong', { namespace: 7 });
// @ts-expect-error There is no such way to write a body.
export const odd: ProviderRules = { request: { bodyFormat: 'yaml' } };
const { Resources } = app.synth().getStackByName('tokens').template as { Resources: Record<string, { Type: string }> };
const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function').length;
console.log(\`\${name}: \${functions} functions, \${typeof accessToken}, \${typeof reader.accessToken}\`);
`;
const SAID = 'crm: 5 functions, function, function';

interface Project {
  readonly module: string;
  readonly kind: 'commonjs' | 'module';
  readonly options: readonly string[];
}

const PROJECTS: readonly Project[] = [
  // What "cdk init" made for years: types are found by "main", "types" and "typesVersions".
  { module: 'CommonJS', kind: 'commonjs', options: ['--module', 'commonjs'] },
  { module: 'Node16', kind: 'commonjs', options: ['--module', 'node16'] },
  { module: 'Node16', kind: 'module', options: ['--module', 'node16'] },
  { module: 'NodeNext', kind: 'commonjs', options: ['--module', 'nodenext'] },
  { module: 'NodeNext', kind: 'module', options: ['--module', 'nodenext'] },
  { module: 'bundler', kind: 'module', options: ['--module', 'esnext', '--moduleResolution', 'bundler'] },
];

const manifest: { peerDependencies: Record<string, string> } = JSON.parse(readRepositoryFile('package.json'));

let installed: InstalledPackage;

beforeAll(async () => {
  const { packages }: { packages: LockedPackages } = JSON.parse(readRepositoryFile('package-lock.json'));
  const locked = (name: string) => `${name}@${packages[`node_modules/${name}`]?.version}`;
  installed = await installPackage();
  await installed.install(
    ...[locked('aws-cdk-lib'), locked('constructs'), '@types/node@22', 'tsx@4', 'ts-node@10'],
    ...['ts54@npm:typescript@5.4', 'ts59@npm:typescript@5.9', 'ts7@npm:typescript@7'],
  );
  for (const kind of ['commonjs', 'module']) {
    mkdirSync(join(installed.directory, kind));
    installed.write(`${kind}/package.json`, JSON.stringify({ name: 'stranger', type: kind }));
    installed.write(`${kind}/consumer.ts`, CONSUMER);
  }
});

afterAll(() => installed?.remove());

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

interface Compilation {
  readonly compiler: string;
  readonly kind: Project['kind'];
  readonly options: readonly string[];
  /** Whether all types of all packages are judged too. */
  readonly strictly: boolean;
}

/** Compiles the app, and runs what came of it. @returns what the compiler said, and the last that the app did */
async function compileAndRun({ compiler, kind, options, strictly }: Compilation) {
  const outDir = `${kind}/made-by-${compiler}-${options.join('')}`.replaceAll(/-{2,}/g, '-');
  const common = ['--strict', '--skipLibCheck', String(!strictly), '--target', 'es2022', '--types', 'node'];
  const compile = [`node_modules/${compiler}/bin/tsc`, ...common, ...options, '--outDir', outDir];
  const { stdout, stderr } = await installed
    .node([...compile, `${kind}/consumer.ts`])
    .catch((error: { stdout: string; stderr: string }) => error);
  if (stdout + stderr !== '') return { compiler: stdout + stderr };
  return { compiler: '', app: lastLine((await run([`${outDir}/consumer.js`])).stdout) };
}

/** What CloudFormation would say of the templates is judged elsewhere. */
const run = (args: readonly string[]) => installed.node(args, { CDK_VALIDATION: 'false' });

const RIGHT = { compiler: '', app: SAID };

describe.concurrent.each(Object.entries(COMPILERS))('%s', (_, compiler) => {
  it.each(PROJECTS)(
    '$module in a package of type $kind: type-checks, and what it makes runs',
    async (kind) => {
      // TypeScript 7 knows node10 no more, and finds what bundlers find.
      const resolution =
        kind.module !== 'CommonJS' ? [] : ['--moduleResolution', compiler === 'ts7' ? 'bundler' : 'node10'];
      const options = [...kind.options, ...resolution];
      const strictly = kind.module === 'Node16';
      expect(await compileAndRun({ compiler, kind: kind.kind, options, strictly })).toEqual(RIGHT);
    },
  );
});

describe('without a compiler before it', () => {
  it.each(['commonjs', 'module'])('tsx runs it in a package of type %s', async (kind) => {
    const { stdout } = await run(['node_modules/tsx/dist/cli.mjs', `${kind}/consumer.ts`]);
    expect(lastLine(stdout)).toBe(SAID);
  });

  it('ts-node runs it, as a CDK project does', async () => {
    const options = { module: 'commonjs', target: 'es2022', strict: true, types: ['node'] };
    installed.write('commonjs/tsconfig.json', JSON.stringify({ compilerOptions: options }));
    const { stdout } = await run([
      ...['node_modules/ts-node/dist/bin.js', '--compiler', 'ts59', 'commonjs/consumer.ts'],
    ]);
    expect(lastLine(stdout)).toBe(SAID);
  });
});

describe('those who judge packages', () => {
  it('publint finds nothing', async () => {
    const pkgDir = join(installed.directory, 'node_modules/evertoken');
    expect((await publint({ pkgDir, strict: true, pack: false })).messages).toEqual([]);
  });

  it('arethetypeswrong finds nothing, for any way to resolve a module', async () => {
    const judged = await checkPackage(createPackageFromTarballData(new Uint8Array(installed.tarball())));
    if (!judged.types) throw new Error('no types were found');
    expect(judged.problems).toEqual([]);
    expect(Object.keys(judged.entrypoints)).toEqual(expect.arrayContaining(['.', './reader', './presets']));
  });
});

describe('the oldest CDK that the package takes', () => {
  const [, oldest = ''] = /^\^(\d+\.\d+\.\d+)$/.exec(manifest.peerDependencies['aws-cdk-lib'] ?? '') ?? [];

  it('type-checks and synthesises, too', async () => {
    await installed.install(`aws-cdk-lib@${oldest}`);
    const options = ['--module', 'node16', '--moduleResolution', 'node16'];
    const compilation = { compiler: 'ts59', kind: 'commonjs', options, strictly: true } as const;
    expect(await compileAndRun(compilation)).toEqual(RIGHT);
  });
});
