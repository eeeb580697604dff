import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCliDeployment } from '../../cli/support/cli-deployment.ts';
import { canarySecret } from '../../support/canary.ts';
import type { LockedPackages } from '../../support/lockfile.ts';
import { importedModules } from '../../support/module-imports.ts';
import { COMMAND_CHUNK, packageContents } from '../../support/package-contents.ts';
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

interface Bill {
  readonly components: readonly {
    readonly group?: string;
    readonly name: string;
    readonly version: string;
    readonly properties: readonly { readonly value: string }[];
  }[];
}

const manifest: {
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  version: string;
} = JSON.parse(readRepositoryFile('package.json'));

describe('the tarball', () => {
  it('holds what is needed, to the file, and nothing else', () => {
    const files = installed.files.filter((path) => !COMMAND_CHUNK.test(path));
    expect([...files].sort()).toEqual(packageContents());
    expect(installed.packedSize).toBeLessThan(1.5 * MEBIBYTE);
  });

  it('brings to whoever installs it what the reader needs, and nothing of the command', () => {
    const others = installed.packages().filter((name) => !/^@(aws|aws-sdk|smithy)\//.test(name));
    expect(others.sort()).toEqual(['bowser', 'evertoken', 'tslib']);
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
        .filter((path) => /^dist\/(cjs|reader)\/.*\.js$/.test(path))
        .flatMap((path) => {
          const text = readFileSync(join(installed.directory, 'node_modules/evertoken', path), 'utf8');
          const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name);
          return [...importedModules(text), ...required];
        })
        .filter((name) => !name.startsWith('.') && !isBuiltin(name))
        .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/')),
    );
    const named = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
    expect([...imported].sort()).toEqual(named.sort());
  });

  it('quotes the licence of every package that it holds code of', () => {
    const read = (path: string) =>
      readFileSync(join(installed.directory, 'node_modules/evertoken', path), 'utf8');
    const bill: Bill = JSON.parse(read('dist/bom.json'));
    const bundled = bill.components.filter(({ properties }) =>
      properties.some(({ value }) => value === 'bundled'),
    );
    expect(bundled.length).toBeGreaterThan(30);
    const notices = read('dist/NOTICES.txt');
    for (const { group, name, version } of bundled) {
      expect(notices).toContain(`${group === undefined ? '' : `${group}/`}${name} ${version} (`);
    }
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

  it('brings the app itself, which goes by the files of the folder that it runs in', async () => {
    const crm = { provider: 'kajabi', credentials: 'kajabi-main' };
    installed.write('connections.json', JSON.stringify({ connections: { crm } }));
    installed.write('deployment.json', JSON.stringify({ namespace: 'desk', alarmEmail: null }));
    const app = 'node_modules/.bin/evertoken-app';
    const environment = { CDK_OUTDIR: 'own.out', CDK_VALIDATION: 'false' };
    expect(await installed.node([app], environment)).toEqual({ stdout: '', stderr: '' });
    const template = readFileSync(join(installed.directory, 'own.out/desk-storage.template.json'), 'utf8');
    expect(template).toContain('"/desk/connections/crm"');
    installed.write('deployment.json', JSON.stringify({ nmaespace: 'desk' }));
    await expect(installed.node([app], environment)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^deployment\.json:1:\d+ nmaespace: is no known key; did you mean "namespace"\?/,
      ),
    });
  });
});
