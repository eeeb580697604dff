import { describe, expect, it } from 'vitest';
import { billOfMaterials, type Lockfile, type Materials } from '../../infra/bill-of-materials.ts';

const MANIFEST = { name: 'project', version: '1.2.3', description: 'A project.', license: 'MIT' };
const DIGEST = Buffer.from('digest');

const LOCK: Lockfile = {
  packages: {
    '': { dependencies: { a: '1' }, devDependencies: { '@team/bundled': '1', tool: '1' } },
    'node_modules/a': {
      version: '1.0.0',
      license: 'ISC',
      integrity: `sha512-${DIGEST.toString('base64')}`,
      dependencies: { b: '2' },
    },
    'node_modules/a/node_modules/b': { version: '2.0.0', license: '(MIT OR Apache-2.0)' },
    'node_modules/b': { version: '1.0.0', license: 'MIT' },
    'node_modules/@team/bundled': { version: '3.0.0', license: 'MIT', dependencies: { b: '1', tool: '1' } },
    'node_modules/tool': { version: '4.0.0', license: 'MPL-2.0' },
  },
};

function outputs(inputs: Readonly<Record<string, number>>): Materials['bundles'] {
  const held = Object.entries(inputs).map(([input, bytesInOutput]) => [input, { bytesInOutput }]);
  const output = { bytes: 1, imports: [], exports: [], inputs: Object.fromEntries(held) };
  return { outputs: { 'dist/lambda/one/index.mjs': output } };
}

const BUNDLES = outputs({
  'functions/handlers/one.ts': 10,
  'node_modules/@team/bundled/index.js': 10,
  'node_modules/b/index.js': 10,
  'node_modules/tool/index.js': 0,
});

const bill = (changes: Partial<Materials> = {}) =>
  billOfMaterials({ manifest: MANIFEST, lock: LOCK, bundles: BUNDLES, ...changes });

describe('the bill of materials', () => {
  it('lists what npm installs and what a bundle holds, each version once, and no tool', () => {
    const listed = bill().components.map(({ purl, properties }) => [
      purl,
      properties.map(({ value }) => value),
    ]);
    expect(listed).toEqual([
      ['pkg:npm/%40team/bundled@3.0.0', ['bundled']],
      ['pkg:npm/a@1.0.0', ['installed']],
      ['pkg:npm/b@1.0.0', ['bundled']],
      ['pkg:npm/b@2.0.0', ['installed']],
    ]);
  });

  it('says of a package both, when it is both', () => {
    const bundles = outputs({ 'node_modules/a/index.js': 1, 'node_modules/a/node_modules/b/index.js': 1 });
    const properties = bill({ bundles }).components.map((one) => one.properties.map(({ value }) => value));
    expect(properties).toEqual([
      ['bundled', 'installed'],
      ['bundled', 'installed'],
    ]);
  });

  it('describes a package: group, name, version, digest, licence', () => {
    const [scoped, plain] = bill().components;
    expect(scoped).toMatchObject({ group: '@team', name: 'bundled', version: '3.0.0', type: 'library' });
    expect(plain).toEqual({
      type: 'library',
      'bom-ref': 'pkg:npm/a@1.0.0',
      name: 'a',
      version: '1.0.0',
      scope: 'required',
      hashes: [{ alg: 'SHA-512', content: DIGEST.toString('hex') }],
      licenses: [{ license: { id: 'ISC' } }],
      purl: 'pkg:npm/a@1.0.0',
      properties: [{ name: 'evertoken:delivery', value: 'installed' }],
    });
    expect(bill().components.at(-1)?.licenses).toEqual([{ expression: '(MIT OR Apache-2.0)' }]);
  });

  it('says who needs whom, as Node finds it', () => {
    expect(bill().dependencies).toEqual([
      { ref: 'pkg:npm/project@1.2.3', dependsOn: ['pkg:npm/%40team/bundled@3.0.0', 'pkg:npm/a@1.0.0'] },
      { ref: 'pkg:npm/%40team/bundled@3.0.0', dependsOn: ['pkg:npm/b@1.0.0'] },
      { ref: 'pkg:npm/a@1.0.0', dependsOn: ['pkg:npm/b@2.0.0'] },
      { ref: 'pkg:npm/b@1.0.0', dependsOn: [] },
      { ref: 'pkg:npm/b@2.0.0', dependsOn: [] },
    ]);
  });

  it('is the same for the same build, and dated only by whoever dates it', () => {
    expect(JSON.stringify(bill())).toBe(JSON.stringify(bill()));
    expect(bill().metadata).not.toHaveProperty('timestamp');
    expect(bill()).not.toHaveProperty('serialNumber');
    expect(bill({ dateEpoch: 1_700_000_000 }).metadata).toMatchObject({
      timestamp: '2023-11-14T22:13:20.000Z',
    });
  });

  it('is not made without a package that is shipped', () => {
    const needed = { packages: { '': { dependencies: { a: '1' } } } };
    expect(() => bill({ lock: needed, bundles: outputs({}) })).toThrow(
      'package-lock.json lacks a, which the project needs',
    );
    expect(() => bill({ lock: { packages: { '': {} } } })).toThrow('lacks node_modules/@team/bundled');
  });
});
