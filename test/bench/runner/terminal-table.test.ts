import { expect, test } from 'vitest';
import { terminalTable } from '../../../bench/runner/terminal-table.ts';

test('a figure stands beside its goal and what is committed', () => {
  const table = terminalTable(
    [
      { name: 'start, by hand = 1', value: 1.52, unit: 'ratio', goal: 1.4 },
      { name: 'start', value: 1234, unit: 'ms' },
      { name: 'share of the pace', value: 0.97, unit: 'ratio', better: 'higher', goal: 0.96 },
    ],
    {
      date: '2026-11-27',
      machine: { cpu: 'a processor', cores: 2, node: '24.0.0' },
      command: 'npm run bench -- cold-start',
      figures: { start: { value: 900, unit: 'ms' } },
    },
  );
  expect(table).toBe(`\
  figure                 value           goal  committed
* start, by hand = 1      1.52  ≤ 1.4, missed          –
  start               1,234 ms                    900 ms
* share of the pace       0.97         ≥ 0.96          –`);
});
