import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FORBIDDEN, forbiddenIn } from './support/forbidden-text.ts';
import { isAllowedLicence, licenceOf } from './support/licences.ts';
import { type LockedPackages, missingFromLockfile } from './support/lockfile.ts';
import { ROOT, readRepositoryFile, repositoryFiles } from './support/source-files.ts';

const MOST_LINES = 300;
const BINARY = /\.(png|jpe?g|gif|ico|woff2?|zip|gz)$/;

const files = repositoryFiles();
const lock: { packages: LockedPackages } = JSON.parse(readRepositoryFile('package-lock.json'));
const manifest: {
  engines: { node: string };
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
} = JSON.parse(readRepositoryFile('package.json'));

describe('what must not be committed', () => {
  const join = (...pieces: string[]) => pieces.join('');

  const TRIED = [
    ['a path of one machine', join("readFile('/wo", "rk/main/x.ts')")],
    ['a path of one machine', join('see /ho', 'me/me/notes')],
    ['the host of a package registry', join('https://regis', 'try.npmjs.org/zod')],
    ['a left-over', join('// TO', 'DO: later')],
    ['a private key', join('-----BEGIN PRIVATE ', `KEY-----\n${'A'.repeat(64)}`)],
    ['an access key of AWS', join('AK', 'IA', 'Q'.repeat(16))],
    ['a test that stands alone or is left out', join('test.on', "ly('x', () => {})")],
    ['a silenced type error', join('// @ts-', 'ignore')],
    ['a breakpoint', join('  debug', 'ger;')],
  ] as const;

  test.each(TRIED)('%s is seen', (what, text) => {
    expect(forbiddenIn('a.test.ts', `first line\n${text}`)).toEqual([`a.test.ts:2 holds ${what}`]);
  });

  test.each([
    'https://idp.example.com/work/home',
    './work/x',
    'functions/home/x',
    '/evertoken/connections/crm',
    'the todo list of a hacker',
    'AKIAIOSFODNN7EXAMPLE',
  ])('%j is fine', (text) => {
    expect(forbiddenIn('a.test.ts', text)).toEqual([]);
  });

  test('every kind is tried above', () => {
    expect(new Set(TRIED.map(([what]) => what))).toEqual(new Set(FORBIDDEN.map(({ what }) => what)));
  });

  test('is in no file', () => {
    const texts = files.filter((path) => !BINARY.test(path));
    expect(texts.length).toBeGreaterThan(50);
    expect(texts.flatMap((path) => forbiddenIn(path, readRepositoryFile(path)))).toEqual([]);
  });
});

describe('licences', () => {
  test.each([
    ['MIT', true, true],
    ['(MIT OR GPL-3.0-or-later)', true, true],
    ['Apache-2.0 AND MIT', true, true],
    ['MPL-2.0', false, true],
    ['MIT AND MPL-2.0', false, true],
    ['MIT-0', true, true],
    ['CC-BY-4.0', false, true],
    ['LGPL-3.0-only', false, false],
    ['GPL-3.0-only', false, false],
    ['AGPL-3.0-or-later', false, false],
    ['MIT AND GPL-2.0', false, false],
    ['SEE LICENSE IN LICENSE', false, false],
    ['UNLICENSED', false, false],
    [undefined, false, false],
  ])('%s: in production %s, in development %s', (expression, production, development) => {
    expect(isAllowedLicence(expression, false)).toBe(production);
    expect(isAllowedLicence(expression, true)).toBe(development);
  });

  test('of all packages are allowed', () => {
    const refused = Object.entries(lock.packages)
      .filter(([path]) => path !== '')
      .filter(([, { license, dev }]) => !isAllowedLicence(license, dev === true))
      .map(([path, { license }]) => `${path}: ${license}`);
    expect(refused).toEqual([]);
  });

  test('are what the packages that are installed say of themselves', () => {
    const installed = Object.entries(lock.packages).filter(
      ([path]) => path !== '' && existsSync(`${ROOT}${path}/package.json`),
    );
    expect(installed.length).toBeGreaterThan(300);
    const refused = installed
      .map(([path, { dev }]) => ({ path, dev, says: licenceOf(readRepositoryFile(`${path}/package.json`)) }))
      .filter(({ dev, says }) => !isAllowedLicence(says, dev === true))
      .map(({ path, says }) => `${path}: ${says}`);
    expect(refused).toEqual([]);
  });
});

describe('the lockfile', () => {
  test.each([
    ['of the project', { '': { dependencies: { a: '1' } } }, ['the project needs a']],
    ['of a package', { '': {}, 'node_modules/a': { dependencies: { b: '1' } } }, ['node_modules/a needs b']],
    [
      'for another platform',
      { '': {}, 'node_modules/a': { optionalDependencies: { b: '1' } } },
      ['node_modules/a needs b'],
    ],
    [
      'that only stands inside another',
      { '': { dependencies: { b: '1' } }, 'node_modules/a/node_modules/b': {} },
      ['the project needs b'],
    ],
  ])('misses a dependency %s', (_, packages, missing) => {
    expect(missingFromLockfile(packages)).toEqual(missing);
  });

  test('finds a dependency inside and above', () => {
    const needs = { dependencies: { b: '1' } };
    expect(
      missingFromLockfile({ '': {}, 'node_modules/a': needs, 'node_modules/a/node_modules/b': {} }),
    ).toEqual([]);
    expect(
      missingFromLockfile({ '': {}, 'node_modules/@x/a/node_modules/c': needs, 'node_modules/b': {} }),
    ).toEqual([]);
  });

  test('has every dependency, or npm ci would refuse it', () => {
    expect(missingFromLockfile(lock.packages)).toEqual([]);
  });

  test('agrees with package.json', () => {
    expect(lock.packages['']?.dependencies).toEqual(manifest.dependencies);
    expect(lock.packages['']?.devDependencies).toEqual(manifest.devDependencies);
  });

  test('names no address', () => {
    const addressed = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
    expect(addressed.map(([path]) => path)).toEqual([]);
  });

  test('has no install script that package.json does not allow', () => {
    const scripts = Object.entries(lock.packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(scripts.filter((name) => manifest.allowScripts[name] === undefined)).toEqual([]);
  });
});

test('the versions of Node agree: .node-version and the package that npm scripts run', () => {
  const major = readRepositoryFile('.node-version').trim();
  // What is published is built for older ones, too.
  expect(manifest.engines.node).toBe('>=22');
  expect(manifest.devDependencies['node']).toMatch(new RegExp(`^\\^${major}\\.`));
  expect(process.versions.node.split('.')[0]).toBe(major);
});

describe('files', () => {
  const sources = files.filter((path) => /\.ts$/.test(path));

  test(`in functions/ have fewer than ${MOST_LINES} lines`, () => {
    const long = sources
      .filter((path) => path.startsWith('functions/'))
      .map((path) => ({ path, lines: readRepositoryFile(path).split('\n').length - 1 }))
      .filter(({ lines }) => lines >= MOST_LINES);
    expect(long).toEqual([]);
  });

  test('are named in kebab-case, for what they hold', () => {
    const odd = sources.filter(
      (path) => !/^(?:[a-z0-9]+(?:[-.][a-z0-9]+)*\/)*[a-z0-9]+(?:[-.][a-z0-9]+)*\.ts$/.test(path),
    );
    expect(odd).toEqual([]);
    expect(
      sources.filter((path) =>
        /(?:^|[/-])(?:utils?|helpers?|(?<!secrets-)managers?|misc|common)[./-]/.test(path),
      ),
    ).toEqual([]);
  });
});
