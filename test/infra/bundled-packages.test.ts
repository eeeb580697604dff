import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { billOfMaterials } from '../../infra/bill-of-materials.ts';
import { bundleOptions } from '../../infra/bundle-options.ts';
import { isAllowedLicence } from '../support/licences.ts';
import { ROOT, readRepositoryFile } from '../support/source-files.ts';

/** What the bundles consist of, as whoever makes them tells it. */
const {
  metafile: { outputs },
} = await build({ ...bundleOptions(ROOT), write: false, metafile: true });

test('what is bundled requires modules of Node alone, which is all that its require can give', () => {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const required = imports.filter(({ kind, external }) => kind === 'require-call' && external === true);
  expect(required.length).toBeGreaterThan(0);
  expect(required.filter(({ path }) => !isBuiltin(path))).toEqual([]);
});

describe('the bill of this project', () => {
  const own = () =>
    billOfMaterials({
      manifest: JSON.parse(readRepositoryFile('package.json')),
      lock: JSON.parse(readRepositoryFile('package-lock.json')),
      bundles: { outputs },
    });

  test('has what the project imports at run time, with digest and licence', () => {
    const { dependencies }: { dependencies: object } = JSON.parse(readRepositoryFile('package.json'));
    const { components } = own();
    const names = components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`));
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    expect(names).toEqual(expect.arrayContaining(['@middy/core', '@aws-lambda-powertools/logger']));
    expect(names).not.toContain('typescript');
    expect(components.filter(({ hashes, licenses }) => !hashes || !licenses)).toEqual([]);
  });

  test('has only licences that may be passed on', () => {
    const refused = own().components.filter(({ licenses: [only] = [] }) => {
      const expression = only && 'expression' in only ? only.expression : only?.license.id;
      return !isAllowedLicence(expression, false);
    });
    expect(refused).toEqual([]);
  });

  test('names neither this machine nor where the packages came from', () => {
    const text = JSON.stringify({ ...own(), $schema: '' });
    expect(text).not.toContain(ROOT.slice(0, -1));
    expect(text).not.toMatch(/https?:|node_modules/);
  });
});
