import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../../functions/oauth/response/retry-after.ts';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 0);

describe('what says nothing', () => {
  it.each([undefined, '', ' ', 'soon', '-5', '1.5', '1e3', '5s', '10, 20', '0x10', 'NaN', 'Infinity'])(
    'is ignored: %j',
    (value) => expect(retryAfterMs(value, NOW)).toBeUndefined(),
  );

  it.each([
    '1994-11-06T08:49:37Z',
    '6 Nov 1994',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 99 Xxx 1994 08:49:37 GMT',
    'on Sun, 06 Nov 1994 08:49:37 GMT',
    'on Sunday, 06-Nov-94 08:49:37 GMT',
    'on Sun Nov  6 08:49:37 1994',
    'Sun, 06 Nov 1994 08:49:37 GMT+0100',
    'Sunday, 06-Nov-94 08:49:37 GMT+0100',
    'Sun Nov  6 08:49:37 1994 +0100',
  ])('is a date in another form: %s', (value) => expect(retryAfterMs(value, NOW)).toBeUndefined());
});

it.each([
  ['0', 0],
  ['1', 1_000],
  [' 120 ', 120_000],
  ['3600', 3_600_000],
  ['3601', 3_600_000],
  ['99999999999999999999', 3_600_000],
])('reads seconds, up to an hour: %j', (value, ms) => expect(retryAfterMs(value, NOW)).toBe(ms));

it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  'reads every form of an HTTP date: %s',
  (value) => {
    expect(retryAfterMs(value, NOW)).toBe(37_000);
    expect(retryAfterMs(value, NOW + 37_000)).toBe(0);
    expect(retryAfterMs(value, NOW + 37_001)).toBe(0);
    expect(retryAfterMs(value, NOW - 86_400_000)).toBe(3_600_000);
  },
);

it('reads a day of two digits in the form that pads with a space', () => {
  const now = Date.UTC(1994, 10, 16, 8, 49, 0);
  expect(retryAfterMs('Wed Nov 16 08:49:37 1994', now)).toBe(37_000);
});
