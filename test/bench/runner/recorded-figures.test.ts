import { expect, test } from 'vitest';
import { checkedFigures, type RecordedFigures, withRun } from '../../../bench/runner/recorded-figures.ts';

const machine = { cpu: 'a processor', cores: 2, node: '24.0.0' };
const run = (command: string, value: number) =>
  ({
    date: '2026-11-26',
    machine,
    command,
    figures: { calls: { value, unit: 'count' } },
  }) as const;

test('a run takes the place of the one before: other benchmarks and the other form stay', () => {
  const recorded: RecordedFigures = {
    pace: { short: run('npm run bench -- pace', 1) },
    fleet: { short: run('npm run bench -- fleet', 2), full: run('npm run bench -- fleet --full', 3) },
  };
  const figures = [{ name: 'calls', value: 4, unit: 'count', tolerance: 0 }] as const;
  const next = withRun(recorded, { name: 'fleet', form: 'full', figures, date: '2026-11-27', machine });
  expect(next).toEqual({
    pace: recorded['pace'],
    fleet: {
      short: recorded['fleet']?.short,
      full: {
        date: '2026-11-27',
        machine,
        command: 'npm run bench -- fleet --full',
        figures: { calls: { value: 4, unit: 'count', tolerance: 0 } },
      },
    },
  });
  expect(Object.keys(next)).toEqual(['fleet', 'pace']);
});

test('the short form stands first, whichever was recorded last', () => {
  const one = withRun({}, { name: 'a', form: 'full', figures: [], date: '2026-11-27', machine });
  const both = withRun(one, { name: 'a', form: 'short', figures: [], date: '2026-11-27', machine });
  expect(Object.keys(both['a'] ?? {})).toEqual(['short', 'full']);
});

test.each([
  [13_152, 13_152],
  [0.123456, 0.1235],
  [12.3456, 12.35],
  [1234.56, 1235],
  [0, 0],
])('%d is kept as %d', (value, kept) => {
  expect(checkedFigures([{ name: 'a', value, unit: 'ms' }])).toEqual([
    { name: 'a', value: kept, unit: 'ms' },
  ]);
});

test('a name that stands twice is refused', () => {
  const figure = { name: 'a', value: 1, unit: 'ms' } as const;
  expect(() => checkedFigures([figure, figure])).toThrow('two figures are called "a"');
});

// JSON has neither, and tells both as null.
test.each([Number.NaN, Infinity, null as never])('%d is no figure', (value) => {
  expect(() => checkedFigures([{ name: 'a', value, unit: 'ms' }])).toThrow(
    `"a": found ${value}, expected a number`,
  );
});
