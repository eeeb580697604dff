import { expect, it } from 'vitest';
import { rateMs } from '../../../../local/assembly/resources/function-resources.ts';

it.each([
  ['rate(1 minute)', 60_000],
  ['rate(5 minutes)', 300_000],
  ['rate(1 hour)', 3_600_000],
  ['rate(2 days)', 172_800_000],
])('%s is %d ms', (expression, ms) => {
  expect(rateMs(expression)).toBe(ms);
});

it.each(['cron(0 * * * ? *)', 'at(2026-01-01T00:00:00)', 'rate(0 minutes)', 'rate(1 second)', ''])(
  '"%s" is an error that names it',
  (expression) => {
    expect(() => rateMs(expression)).toThrow(`local mode does not know the schedule ${expression}`);
  },
);
