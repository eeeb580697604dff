import { expect, test } from 'vitest';
import { namesOfTables, withTables } from '../../../bench/runner/markdown-tables.ts';
import type { RecordedFigures } from '../../../bench/runner/recorded-figures.ts';

const machine = { cpu: 'a processor', cores: 2, node: '24.0.0' };
const RECORDED: RecordedFigures = {
  calls: {
    short: {
      date: '2026-11-26',
      machine,
      command: 'npm run bench -- calls',
      figures: {
        'an idle tick': { value: 2, unit: 'count', tolerance: 0, goal: 2 },
        'a month | one connection': { value: 0.4, unit: 'dollars' },
      },
    },
    full: {
      date: '2026-11-27',
      machine,
      command: 'npm run bench -- calls --full',
      figures: {
        'an idle tick': { value: 3, unit: 'count', tolerance: 0, goal: 2 },
        'share of the bare calls': { value: 0.91, unit: 'ratio', better: 'higher', goal: 0.9 },
      },
    },
  },
};
const FRAME = `# Benchmarks

## calls

<!-- figures: calls -->
<!-- end -->

What the profile showed.

## pace

<!-- figures: pace -->
<!-- end -->
`;
const FILLED = FRAME.replace(
  '<!-- figures: calls -->\n',
  `<!-- figures: calls -->

| figure | short | full | goal | held within |
| --- | ---: | ---: | ---: | ---: |
| an idle tick | 2 | 3 | ≤ 2, missed | 0% |
| a month \\| one connection | $0.4 |  |  |  |
| share of the bare calls |  | 0.91 | ≥ 0.9 | 10% |

- \`npm run bench -- calls\`: 2026-11-26, a processor, 2 cores, Node 24.0.0
- \`npm run bench -- calls --full\`: 2026-11-27, a processor, 2 cores, Node 24.0.0

`,
);

test('a table stands between the markers of its benchmark, the words around them stay', () => {
  expect(withTables(FRAME, RECORDED)).toBe(FILLED);
});

test('it takes the place of the one before', () => {
  expect(withTables(FILLED, RECORDED)).toBe(FILLED);
  expect(withTables(FILLED, {})).toBe(FRAME);
});

test('figures without a place to stand are refused', () => {
  expect(() => withTables(FRAME, { fleet: {} })).toThrow('no <!-- figures: fleet --> in BENCHMARKS.md');
});

test('a marker without its end is refused, also when another follows', () => {
  const broken = FRAME.replace('<!-- end -->\n', '');
  expect(() => withTables(broken, RECORDED)).toThrow('<!-- figures: calls --> has no <!-- end -->');
});

test('the names of the places are found in their order', () => {
  expect(namesOfTables(FRAME)).toEqual(['calls', 'pace']);
});
