import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCliDeployment } from '../../cli/support/cli-deployment.ts';
import { canarySecret } from '../../support/canary.ts';
import type { LockedPackages } from '../../support/lockfile.ts';
import { importedModules } from '../../support/module-imports.ts';
import { packageContents } from '../../support/package-contents.ts';
import { ROOT, readRepositoryFile } from '../../support/source-files.ts';
import { type InstalledPackage, installPackage } from './installed-package.ts';

const MEBIBYTE = 1_048_576;
const BILL = 'node_modules/evertoken/dist/bom.json';
const COMMAND = 'node_modules/evertoken/dist/cli/main.js';

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(() => installed?.remove());

const manifest: {
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  version: string;
} = JSON.parse(readRepositoryFile('package.json'));

describe('the tarball', () => {
  it('holds what is needed, to the file, and nothing else', () => {
    expect([...installed.files].sort()).toEqual(packageContents());
    expect(installed.packedSize).toBeLessThan(6 * MEBIBYTE);
  });

  it('brings a bill of materials that CycloneDX takes, with nothing of this machine in it', async () => {
    await installed.install('@cyclonedx/cyclonedx-library@10.3.0', 'ajv@8', 'ajv-formats@3');
    await installed.install('ajv-formats-draft2019@1');
    const problems = await installed.run(`import { readFileSync } from 'node:fs';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
console.log(await validator.validate(readFileSync('${BILL}', 'utf8')));`);
    expect(problems).toBe('null\n');
    const text = readFileSync(join(installed.directory, BILL), 'utf8');
    expect(text).not.toContain(ROOT.slice(0, -1));
    const bill: { metadata: object; components: { purl: string }[] } = JSON.parse(text);
    expect(bill.metadata).not.toHaveProperty('timestamp');
    expect(bill.components.length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
  });

  it('names every package that it imports, and no other', () => {
    const imported = new Set(
      installed.files
        .filter((path) => /^dist\/(?!lambda\/).*\.js$/.test(path))
        .flatMap((path) =>
          importedModules(readFileSync(join(installed.directory, 'node_modules/evertoken', path), 'utf8')),
        )
        .filter((name) => !name.startsWith('.') && !isBuiltin(name))
        .map((name) =>
          (name.startsWith('@') ? name.split('/').slice(0, 2) : name.split('/').slice(0, 1)).join('/'),
        ),
    );
    const named = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
    expect([...imported].sort()).toEqual(named.sort());
  });
});

describe('without CDK', () => {
  it('gives the reader', async () => {
    const names = await installed.run(
      `import * as reader from 'evertoken/reader'; console.log(Object.keys(reader).join())`,
    );
    expect(names.trim().split(',').sort()).toEqual([
      'TokenReaderError',
      'accessToken',
      'authorizationHeader',
      'createTokenReader',
      'fetchWithToken',
    ]);
  });

  it('gives the presets and the schema', async () => {
    const presets = await installed.run(
      `import { presets } from 'evertoken/presets'; console.log(JSON.stringify(presets.kajabi))`,
    );
    expect(JSON.parse(presets)).toEqual({ provider: 'kajabi' });
    const schema = await installed.run(
      `import schema from 'evertoken/connections.schema.json' with { type: 'json' }; console.log(schema.title)`,
    );
    expect(schema).toBe('Evertoken connections\n');
  });

  it('gives the command', async () => {
    const { stdout } = await installed.node([COMMAND, '--help']);
    expect(stdout).toContain('Usage: evertoken <command> [options]');
    const { bin } = JSON.parse(
      await installed.run(
        `import manifest from 'evertoken/package.json' with { type: 'json' }; console.log(JSON.stringify(manifest))`,
      ),
    );
    expect(`node_modules/evertoken/${bin.evertoken}`).toBe(COMMAND);
    expect((await installed.node([COMMAND, '--version'])).stdout).toBe(`${manifest.version}\n`);
    expect((await installed.node([COMMAND, 'providers', 'kajabi'])).stdout).toContain('(Kajabi)');
  });

  it('talks to a deployment with the command', async () => {
    await using deployment = await startCliDeployment();
    const { stdout, stderr } = await installed.node([COMMAND, 'status'], {
      AWS_ENDPOINT_URL: deployment.system.endpoint.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'fake-access-key',
      AWS_SECRET_ACCESS_KEY: canarySecret('aws-secret-access-key'),
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    });
    expect(stderr).toBe('');
    expect(stdout).toContain('3 connections: 3 healthy; none needs a human.');
  });
});

describe('with CDK', () => {
  const { packages }: { packages: LockedPackages } = JSON.parse(readRepositoryFile('package-lock.json'));
  const locked = (name: string) => `${name}@${packages[`node_modules/${name}`]?.version}`;

  beforeAll(() => installed.install(locked('aws-cdk-lib'), locked('constructs'), locked('@types/node')));

  it('synthesises an app with the constructs, the functions as they were built', async () => {
    installed.write(
      'app.js',
      `import { App, Stack } from 'aws-cdk-lib';
import { Connection, presets, TokenRefresher, TokenStorage } from 'evertoken';

const app = new App({ outdir: 'cdk.out' });
const tokens = new Stack(app, 'tokens');
const storage = new TokenStorage(tokens, 'Storage');
const crm = new Connection(tokens, 'Crm', { storage, connectionName: 'crm', provider: presets.kajabi, credentials: 'kajabi-main', consoleRotate: true });
const refresh = new Stack(app, 'refresh');
new TokenRefresher(refresh, 'Refresher', { storage });
const assembly = app.synth();
const template = assembly.getStackByName('refresh').template;
const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
console.log(JSON.stringify({
  functions: functions.map(({ Properties }) => Properties.FunctionName),
  assets: assembly.getStackByName('refresh').assets.length,
  secret: String(crm.tokenSecret.secretArn !== undefined),
}));`,
    );
    const { stdout } = await installed.node(['app.js']);
    const { functions } = JSON.parse(stdout.slice(stdout.indexOf('{"functions"')));
    expect(functions).toContain('evertoken-refresh-now');
    expect(functions).toContain('evertoken-refresh-due');
    expect(functions).toContain('evertoken-reconcile');
    expect(functions).toContain('evertoken-rotate-secret');
    const asset = await installed.run(`import { globSync } from 'node:fs';
console.log(globSync('cdk.out/asset.*/kajabi.json').length, globSync('cdk.out/asset.*/index.mjs').length)`);
    const [presets = 0, bundles = 0] = asset.split(' ').map(Number);
    expect(bundles).toBeGreaterThanOrEqual(4);
    expect(presets).toBe(bundles);
  });

  it('has types for every export, which a strict compiler takes', async () => {
    installed.write(
      'consumer.ts',
      `import { App, Stack } from 'aws-cdk-lib';
import { Connection, type ConnectionProps, TokenStorage } from 'evertoken';
import { presets } from 'evertoken/presets';
import { accessToken, type TokenReader, createTokenReader } from 'evertoken/reader';

const stack = new Stack(new App(), 'tokens');
const storage = new TokenStorage(stack, 'Storage');
const props: ConnectionProps = { storage, connectionName: 'crm', provider: presets.kajabi, credentials: 'main' };
const name: string = new Connection(stack, 'Crm', props).connectionName;
const reader: TokenReader = createTokenReader({ namespace: 'evertoken' });
export const tokens: Promise<string>[] = [accessToken(name), reader.accessToken(name)];
// @ts-expect-error A namespace is text.
new TokenStorage(stack, 'Wrong', { namespace: 7 });
`,
    );
    installed.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          module: 'nodenext',
          target: 'es2024',
          types: ['node'],
        },
        files: ['consumer.ts'],
      }),
    );
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await installed.node([compiler, '-p', '.']).catch((error) => error);
    expect(stdout).toBe('');
  });
});
