import { describe, expect, test } from 'vitest';
import { presetRulesShape } from '../functions/connections/provider-preset.ts';
import { quirkRows, quirksInTitles } from './support/quirks.ts';
import { readRepositoryFile, repositoryFiles } from './support/source-files.ts';

const COUNT = 73;
const [met = '', leftOut = ''] = readRepositoryFile('docs/quirks.md').split('## Left out');
const rows = quirkRows(met);
const excused = quirkRows(leftOut);
const excusedNumbers = excused.map(({ number }) => number);
/** This file names some in other ways. */
const tests = repositoryFiles().filter((path) => path.endsWith('.test.ts') && path !== 'test/quirks.test.ts');
const named = tests.map((path) => ({ path, numbers: quirksInTitles(readRepositoryFile(path)) }));
const tested = new Set(named.flatMap(({ numbers = [] }) => numbers));

describe('the page about quirks', () => {
  test('has each of them once, in order, with what is met, where, and what is done', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
    expect(rows.filter(({ cells }) => cells.length !== 3 || cells.some((cell) => cell === ''))).toEqual([]);
  });

  test('names a reason for each that is left out', () => {
    expect(excused.length).toBeGreaterThan(0);
    expect(excused.filter(({ number, cells }) => number > COUNT || cells.join('').length < 20)).toEqual([]);
  });

  test('names rules that there are', () => {
    const isRule = (path: string) => {
      let schema: unknown = { shape: presetRulesShape };
      for (const key of path.split('.')) schema = shapeOf(schema)?.[key];
      return schema !== undefined;
    };
    const paths = [...met.matchAll(/`((?:[a-z][A-Za-z]+\.)+[a-z][A-Za-z]+)`/g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !isRule(path))).toEqual([]);
  });
});

describe('each quirk', () => {
  test('is in the title of a test, or left out', () => {
    const missing = rows.filter(({ number }) => !tested.has(number) && !excusedNumbers.includes(number));
    expect(missing.map(({ number, cells }) => `${number}: ${cells[0]}`)).toEqual([]);
  });

  test('is not left out where a test has it', () => {
    expect(excusedNumbers.filter((number) => tested.has(number))).toEqual([]);
  });

  test('that a test names is on the page', () => {
    const isUnknown = (number: number) => number < 1 || number > COUNT;
    expect(named.filter(({ numbers }) => numbers?.some(isUnknown))).toEqual([]);
  });

  test('is named at the beginning of a title, as in "quirk 48: "', () => {
    expect(named.filter(({ numbers }) => numbers === undefined).map(({ path }) => path)).toEqual([]);
  });
});

describe('a title', () => {
  test.each([
    ["it('quirk 48: keeps it', ", [48]],
    ['it("quirks 45 and 72: jitter", ', [45, 72]],
    ["])('quirks 1, 2 and 30: %s', ", [1, 2, 30]],
    ["    'quirk 9: the URL, %s',\n", [9]],
    ["it('a quirk of no number', ", []],
  ])('%s names %j', (source, numbers) => {
    expect(quirksInTitles(source)).toEqual(numbers);
  });

  test.each([
    "it('keeps it: quirk 48', ",
    "it('quirk 48 keeps it', ",
    "it('Quirk 48: keeps it', ",
    "it('quirk 48:', ",
    '// quirk 48: keeps it',
    "it('quirk-48: keeps it', ",
  ])('%s names none that would be found', (source) => {
    expect(quirksInTitles(source)).toBeUndefined();
  });
});

/** What an object of a schema holds, behind defaults and the like. */
function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  const { shape, unwrap } = schema as { shape?: Record<string, unknown>; unwrap?: () => unknown };
  return shape ?? (unwrap && shapeOf(unwrap.call(schema)));
}
