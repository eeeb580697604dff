import { expect, test } from 'vitest';
import { allSources, changedSince, named, share } from './selection.ts';

const files = Array.from({ length: 20 }, (_, at) => ({ path: `file-${at}.ts`, lines: 100 }));

test('a share takes as many files as there is time for, and names the rest', () => {
  const { files: taken, leftOut } = share(files, 'a');
  expect(taken).toHaveLength(5);
  expect([...taken, ...leftOut].toSorted()).toEqual(files.map(({ path }) => path).toSorted());
});

test('a share is the same for the same seed, and over many seeds covers every file', () => {
  const shareOf = (seed: number) => share(files, `commit ${seed}`).files;
  expect(shareOf(1)).toEqual(shareOf(1));
  const covered = new Set(Array.from({ length: 40 }, (_, seed) => shareOf(seed)).flat());
  expect(covered.size).toBe(files.length);
});

test('a file that takes all the time and more is judged alone', () => {
  expect(share([{ path: 'long.ts', lines: 5_000 }], 'a').files).toEqual(['long.ts']);
});

test('all sources are those of the two folders, and no declarations', () => {
  const sources = allSources();
  expect(sources).toContain('functions/refresh/attempt-ledger.ts');
  expect(sources).toContain('functions/oauth/secret.ts');
  expect(sources.filter((path) => !/^functions\/(?:refresh|oauth)\/.*(?<!\.d)\.ts$/.test(path))).toEqual([]);
});

test.each(['functions/aws/aws-error.ts', 'functions/refresh/no-such-file.ts', 'functions/refresh'])(
  'no such source can be named: %s',
  (path) => expect(() => named([path])).toThrow(`"${path}" is no source`),
);

test('a revision that is not there is refused', () => {
  expect(() => changedSince('no-such-revision')).toThrow('there is no revision "no-such-revision"');
});
