import { describe, expect, test } from 'vitest';
import type { Figure } from '../../../bench/benchmark.ts';
import { limitOf, worseFigures } from '../../../bench/runner/held-figures.ts';
import type { RecordedFigure, RecordedRun } from '../../../bench/runner/recorded-figures.ts';

const committed = (figures: Record<string, RecordedFigure>): RecordedRun => ({
  date: '2026-11-27',
  machine: { cpu: 'a processor', cores: 2, node: '24.0.0' },
  command: 'npm run bench -- calls',
  figures,
});
const ratio = (value: number, rest: Partial<Figure> = {}): Figure => ({
  name: 'r',
  value,
  unit: 'ratio',
  ...rest,
});

describe('a figure that is held', () => {
  test.each([
    [ratio(1.1), 1, 'at its limit'],
    [ratio(0.1), 1, 'better'],
    [ratio(0.9, { better: 'higher' }), 1, 'at its limit, where more is better'],
    [ratio(5, { better: 'higher' }), 1, 'better, where more is better'],
    [ratio(1.5, { tolerance: 0.5 }), 1, 'at the limit of its own tolerance'],
    [ratio(3, { unit: 'count', tolerance: 0 }), 3, 'a count that is always the same'],
    [ratio(0, { unit: 'count' }), 0, 'none, as before'],
    [ratio(0.1 + 0.2, { tolerance: 0 }), 0.3, 'the same but for floating point'],
  ])('%j passes beside %d: %s', (figure, value) => {
    expect(worseFigures([figure], committed({ r: { value, unit: figure.unit } }))).toEqual([]);
  });

  test.each([
    [ratio(1.101), '"r" is 1.101: 1 is committed, which with 10% allows 1.1 at most'],
    [ratio(0.89, { better: 'higher' }), '"r" is 0.89: 1 is committed, which with 10% allows 0.9 at least'],
    [ratio(1.51, { tolerance: 0.5 }), '"r" is 1.51: 1 is committed, which with 50% allows 1.5 at most'],
    [ratio(2, { unit: 'count', tolerance: 0 }), '"r" is 2: 1 is committed, which with 0% allows 1 at most'],
  ])('%j fails beside 1', (figure, sentence) => {
    expect(worseFigures([figure], committed({ r: { value: 1, unit: figure.unit } }))).toEqual([sentence]);
  });

  test('fails where none was committed: of 0 no share is left', () => {
    expect(
      worseFigures([ratio(1, { unit: 'count' })], committed({ r: { value: 0, unit: 'count' } })),
    ).toHaveLength(1);
  });

  test('fails when it is not committed, alone or with all others', () => {
    const sentence = '"r" is not committed: --record writes it';
    expect(worseFigures([ratio(1)], committed({}))).toEqual([sentence]);
    expect(worseFigures([ratio(1)], undefined)).toEqual([sentence]);
  });

  test('fails when it is committed and missing from the run', () => {
    expect(worseFigures([], committed({ r: { value: 2, unit: 'count' } }))).toEqual([
      '"r" is missing: 2 is committed',
    ]);
  });

  test('fails when what is committed has another unit', () => {
    expect(worseFigures([ratio(1)], committed({ r: { value: 1, unit: 'count' } }))).toEqual([
      '"r" is a ratio: a count is committed',
    ]);
  });
});

test.each(['ns', 'ms', 's', 'KB', 'MB', 'dollars', 'per second'] as const)(
  'a figure in %s is told, never held',
  (unit) => {
    expect(worseFigures([{ name: 't', value: 1000, unit }], committed({ t: { value: 1, unit } }))).toEqual(
      [],
    );
    expect(worseFigures([{ name: 't', value: 1000, unit }], undefined)).toEqual([]);
    expect(worseFigures([], committed({ t: { value: 1, unit } }))).toEqual([]);
  },
);

test('the limit of a negative figure lies on its worse side', () => {
  expect(limitOf({ unit: 'ratio' }, -1)).toBeCloseTo(-0.9);
  expect(limitOf({ unit: 'ratio', better: 'higher' }, -1)).toBeCloseTo(-1.1);
});
