import { readFileSync, writeFileSync } from 'node:fs';
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
  installed.write('consumer.ts', CONSUMER);
});

afterAll(() => installed?.remove());

/** Changes what the folder is, and nothing of what is installed in it. */
function project(type: Project['kind']): void {
  const file = join(installed.directory, 'package.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), type }));
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

describe.each(Object.entries(COMPILERS))('%s', (_, compiler) => {
  it.each(PROJECTS)(
    '$module in a package of type $kind: type-checks, and what it makes runs',
    async (kind) => {
      project(kind.kind);
      const outDir = `made-by-${compiler}-for-${kind.module}-${kind.kind}`;
      // TypeScript 7 knows node10 no more, and finds what bundlers find.
      const resolution =
        kind.module !== 'CommonJS' ? [] : ['--moduleResolution', compiler === 'ts7' ? 'bundler' : 'node10'];
      const options = ['--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node'];
      const compile = [`node_modules/${compiler}/bin/tsc`, ...options, ...kind.options, ...resolution];
      const compiled = await installed
        .node([...compile, '--outDir', outDir, 'consumer.ts'])
        .catch((error: { stdout: string; stderr: string }) => error);
      expect(compiled.stdout + compiled.stderr).toBe('');
      expect(lastLine((await installed.node([`${outDir}/consumer.js`])).stdout)).toBe(SAID);
    },
  );
});

describe('without a compiler before it', () => {
  it.each(['commonjs', 'module'] as const)('tsx runs it in a package of type %s', async (kind) => {
    project(kind);
    const { stdout } = await installed.node(['node_modules/tsx/dist/cli.mjs', 'consumer.ts']);
    expect(lastLine(stdout)).toBe(SAID);
  });

  it('ts-node runs it, as a CDK project does', async () => {
    project('commonjs');
    const options = { module: 'commonjs', target: 'es2022', strict: true, types: ['node'] };
    installed.write('tsconfig.json', JSON.stringify({ compilerOptions: options }));
    const { stdout } = await installed.node([
      ...['node_modules/ts-node/dist/bin.js', '--compiler', 'ts59', 'consumer.ts'],
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
    project('commonjs');
    const options = ['--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node'];
    const compile = [
      'node_modules/ts59/bin/tsc',
      ...options,
      '--module',
      'node16',
      '--outDir',
      'made-by-the-oldest',
    ];
    const compiled = await installed
      .node([...compile, 'consumer.ts'])
      .catch((error: { stdout: string; stderr: string }) => error);
    expect(compiled.stdout + compiled.stderr).toBe('');
    expect(lastLine((await installed.node(['made-by-the-oldest/consumer.js'])).stdout)).toBe(SAID);
  });
});
