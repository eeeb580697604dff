import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cachedBundles } from '../../infra/bundle-cache.ts';
import { repositoryRoot } from '../../infra/handler-bundle.ts';

const OTHERS = [
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

let root: string;
let cache: string;
let made: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'evertoken-cache-'));
  cache = join(root, 'cache');
  made = 0;
  for (const folder of ['functions/handlers', 'infra']) mkdirSync(join(root, folder), { recursive: true });
  source('functions/handlers/refresh-due.ts', 'one');
  for (const file of OTHERS) source(file, '{}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const source = (path: string, text: string) => writeFileSync(join(root, path), text);
const bundle = (folder: string) => join(folder, 'refresh-due/index.mjs');

/** Bundles the one handler, by copying it. */
function make(folder: string): void {
  made += 1;
  mkdirSync(join(folder, 'refresh-due'), { recursive: true });
  writeFileSync(bundle(folder), readFileSync(join(root, 'functions/handlers/refresh-due.ts')));
}

const bundles = (making = make) => cachedBundles(root, { cache, make: making });

test('bundles are made once for the same sources', () => {
  const folder = bundles();
  expect(readFileSync(bundle(folder), 'utf8')).toBe('one');
  expect(bundles()).toBe(folder);
  expect(made).toBe(1);
});

test.each(['functions/handlers/refresh-due.ts', ...OTHERS])('they are made again when %s changes', (path) => {
  const folder = bundles();
  source(path, 'two');
  expect(bundles()).not.toBe(folder);
  expect(made).toBe(2);
});

test('a file that is torn, missing or too many is noticed, and made again', () => {
  const folder = bundles();
  writeFileSync(bundle(folder), 'on');
  bundles();
  expect(readFileSync(bundle(folder), 'utf8')).toBe('one');
  rmSync(bundle(folder));
  bundles();
  expect(readFileSync(bundle(folder), 'utf8')).toBe('one');
  writeFileSync(join(folder, 'refresh-due/chunk-ABCDEFGH.mjs'), '');
  bundles();
  expect(readdirSync(join(folder, 'refresh-due'))).toEqual(['index.mjs']);
  expect(made).toBe(4);
});

test('of two processes at once each finds a whole folder', () => {
  const first: string[] = [];
  const folder = bundles((mine) => {
    make(mine);
    first.push(bundles());
  });
  expect(first).toEqual([folder]);
  expect(readFileSync(bundle(folder), 'utf8')).toBe('one');
  expect(readdirSync(cache)).toHaveLength(1);
});

test('what failed leaves nothing', () => {
  const failing = () => {
    throw new Error('no such module');
  };
  expect(() => bundles(failing)).toThrow('no such module');
  expect(readdirSync(cache)).toEqual([]);
});

test('what was not asked for in a week goes when others are made', () => {
  const old = bundles();
  const weekAgo = new Date(Date.now() - 8 * 86_400_000);
  utimesSync(old, weekAgo, weekAgo);
  source('package-lock.json', 'two');
  const folder = bundles();
  expect(readdirSync(cache)).toEqual([folder.slice(cache.length + 1)]);
});

test('all that decides how bundles are made is among their sources', () => {
  const read = new Set<string>();
  const follow = (file: string) => {
    if (read.has(file)) return;
    read.add(file);
    const text = readFileSync(join(repositoryRoot(), 'infra', file), 'utf8');
    for (const [, imported = ''] of text.matchAll(/ from '\.\/([^']+)'/g)) follow(imported);
  };
  follow('bundle-handlers.ts');
  const sources = OTHERS.flatMap((path) => (path.startsWith('infra/') ? path.slice('infra/'.length) : []));
  expect([...read].sort()).toEqual(sources.sort());
});
