import { expect, test } from 'vitest';
import { thousands } from '../../../functions/text/thousands.ts';

test.each([0, 1, 12, 999, 1_000, 12_345, 999_999, 1_000_000, 123_456_789, -1, -999, -1_000, -123_456])(
  '%d is written as Intl writes it',
  (count) => {
    expect(thousands(count)).toBe(count.toLocaleString('en-US'));
  },
);
