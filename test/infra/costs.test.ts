import { describe, expect, test } from 'vitest';
import { COUNTS, GAUGES, WRITTEN_ALWAYS } from '../../infra/constructs/deployment-metrics.ts';
import { readRepositoryFile } from '../support/source-files.ts';
import { resourcesOf, synthesise, type Template } from '../support/synthesised.ts';

const MOST_A_MONTH = 5;
const [, section = ''] = readRepositoryFile('docs/operating-at-scale.md').split('## What it costs');
/** The cells of its table, without head and rule. */
const rows = [...section.matchAll(/^\|(.+)\|$/gm)]
  .map(([, row = '']) => row.split('|').map((cell) => cell.trim()))
  .slice(2);
const amount = (text = '') => Number(text.replaceAll(/[$,]/g, ''));

describe('what the documentation counts of metrics, history and page', () => {
  const counted = rows.slice(0, 10).map(([what = '', units, price = '', sum]) => ({
    what,
    units: amount(units),
    cost: (amount(units) * amount(price.split(' ')[0])) / (price.includes('a million') ? 1_000_000 : 1),
    sum: amount(sum),
  }));
  const together = counted.find(({ what }) => what === 'together');
  const parts = counted.filter((row) => row !== together);

  test('is each unit times its price, and the sum of that', () => {
    expect(parts).toHaveLength(9);
    for (const { what, cost, sum } of parts) expect(Math.abs(cost - sum), what).toBeLessThan(0.006);
    const sum = parts.reduce((total, part) => total + part.sum, 0);
    expect(together?.sum).toBeCloseTo(sum, 6);
  });

  test('stays under five dollars for a hundred connections', () => {
    expect(together?.sum).toBeLessThan(MOST_A_MONTH);
  });

  test('is by the metrics that are always written, which the alarms’ tests see', () => {
    const metrics = parts.find(({ what }) => what.startsWith('metrics'));
    expect(metrics?.units).toBe(WRITTEN_ALWAYS.length);
    const others = COUNTS.length + GAUGES.length - WRITTEN_ALWAYS.length;
    expect([others, section]).toEqual([19, expect.stringContaining('Nineteen further metrics')]);
  });
});

const { refresh } = synthesise();

test('the documentation counts the alarms', () => {
  const alarms = (template: Template) => Object.keys(resourcesOf(template, 'AWS::CloudWatch::Alarm'));
  const tokenUrl = 'https://idp.example.com/token';
  const minutes = { tokenUrl, credentials: 'a', grants: ['client_credentials'], publishTo: 'parameter' };
  expect(section).toMatch(/\$0\.10 for each of nine alarms\s+\(ten where a token lies in a parameter\)/);
  expect(alarms(refresh)).toHaveLength(9);
  expect(alarms(synthesise({ connections: { minutes } }).refresh)).toHaveLength(10);
});

test('every metric that an alarm or the dashboard looks at is one that the functions write', () => {
  const text = JSON.stringify([
    resourcesOf(refresh, 'AWS::CloudWatch::Alarm'),
    resourcesOf(refresh, 'AWS::CloudWatch::Dashboard'),
  ]);
  const looked = [
    ...text.matchAll(
      /\\"Evertoken\\",\\"(\w+)\\"|"Namespace":"Evertoken","MetricName":"(\w+)"|"MetricName":"(\w+)","Namespace":"Evertoken"/g,
    ),
  ];
  const names = new Set(looked.map(([, one, two, three]) => one ?? two ?? three));
  const known: readonly string[] = [...COUNTS, ...GAUGES];
  expect([...names].filter((name) => !known.includes(String(name)))).toEqual([]);
  // Whatever is measured is shown, or it need not be paid for.
  expect(known.filter((name) => !names.has(name))).toEqual(['RefreshesFailed']);
});
