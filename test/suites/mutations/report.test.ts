import { describe, expect, test } from 'vitest';
import type { Accepted } from './accepted.ts';
import type { Mutant } from './judge.ts';
import { report } from './report.ts';

const FILE = 'functions/refresh/rules/age.ts';

const survivor: Mutant = {
  file: FILE,
  line: 7,
  sourceLine: 'if (age > MOST) return sum;',
  mutator: 'EqualityOperator',
  original: 'age > MOST',
  mutant: 'age >= MOST',
  verdict: 'survived',
};
const noticed: Mutant = { ...survivor, mutant: 'age <= MOST', verdict: 'noticed' };
const accepted: Accepted = { file: FILE, code: 'if (age > MOST)', mutant: 'age >= MOST', reason: 'adds 0' };

const printed = (...args: Parameters<typeof report>) => report(...args).lines.join('\n');

/** `count` mutants of a folder, of which `survivors` survived. */
function folder(name: string, count: number, survivors: number): Mutant[] {
  return Array.from({ length: count }, (_, at) => ({
    ...(at < survivors ? survivor : noticed),
    file: `${name}/age.ts`,
  }));
}

describe('a survivor', () => {
  test('fails the run, named with its place and its change', () => {
    const { lines, passed } = report([survivor, noticed], [], false);
    expect(passed).toBe(false);
    expect(lines[0]).toBe(`${FILE}:7 EqualityOperator: age > MOST → age >= MOST`);
  });

  test('is shown where it was changed, when its code is long', () => {
    const original = `${'a || '.repeat(40)}b > c`;
    const long = { ...survivor, original, mutant: original.replace('>', '>=') };
    expect(printed([long], [], false)).toMatch(/: ….* b > c → ….* b >= c$/m);
  });

  test('fails it too where no test runs the code', () => {
    const { lines, passed } = report([{ ...survivor, verdict: 'uncovered' }], [], false);
    expect(passed).toBe(false);
    expect(lines[0]).toMatch(/no test runs it/);
  });

  test('that is accepted does not', () => {
    const { lines, passed } = report([survivor, noticed], [accepted], false);
    expect(passed).toBe(true);
    expect(lines).toEqual([
      'functions/refresh: 50.0 %, 1 of 2 mutants noticed, 1 survived, 1 of them accepted',
    ]);
  });

  test.each([
    ['another file', { file: 'functions/refresh/rules/other.ts' }],
    ['another line', { code: 'while (age > MOST)' }],
    ['another change', { mutant: 'age === MOST' }],
  ])('is not accepted by an entry for %s', (_, other) => {
    expect(report([survivor], [{ ...accepted, ...other }], false).passed).toBe(false);
  });
});

describe('an accepted survivor', () => {
  test('fails the run when its code is gone', () => {
    const { passed } = report([noticed], [{ ...accepted, code: 'if (age > LEAST)' }], false);
    expect(passed).toBe(false);
    expect(printed([noticed], [{ ...accepted, code: 'if (age > LEAST)' }], false)).toMatch(/no such code/);
  });

  test('is named when a test notices it by now', () => {
    const { lines, passed } = report([{ ...survivor, verdict: 'noticed' }], [accepted], false);
    expect(passed).toBe(true);
    expect(lines[0]).toMatch(/noticed by now/);
  });

  test('is looked for in a file that was not judged only where all are', () => {
    const elsewhere = [{ ...noticed, file: 'functions/oauth/age.ts' }];
    expect(report(elsewhere, [accepted], false).passed).toBe(true);
    expect(report(elsewhere, [accepted], true).passed).toBe(false);
  });
});

describe('the threshold of a folder', () => {
  const entry = (name: string): Accepted => ({ ...accepted, file: `${name}/age.ts` });

  test.each([
    ['functions/refresh', 15, true],
    ['functions/refresh', 16, false],
    ['functions/oauth', 20, true],
    ['functions/oauth', 21, false],
  ])('%s with %d of 100 survivors, all of them accepted: passes %s', (name, survivors, passes) => {
    expect(report(folder(name, 100, survivors), [entry(name)], true).passed).toBe(passes);
  });

  test('says nothing of a few of its files', () => {
    const name = 'functions/refresh';
    expect(report(folder(name, 100, 16), [entry(name)], false).passed).toBe(true);
  });
});
