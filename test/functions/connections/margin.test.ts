import { expect, test } from 'vitest';
import { marginSeconds } from '../../../functions/connections/margin.ts';

test.each([
  ['a configured margin is cut to half the lifetime', 1000, 900, 500],
  ['a configured margin of exactly half the lifetime stays', 1000, 500, 500],
  ['a configured margin is used as it is', 3600, 900, 900],
  ['ten minutes are cut to half the lifetime', 1199, undefined, 599.5],
  ['ten minutes at exactly twice that lifetime', 1200, undefined, 600],
  ['ten minutes for an hour', 3600, undefined, 600],
  ['ten minutes up to 6000 s', 6000, undefined, 600],
  ['a tenth beyond', 6010, undefined, 601],
  ['a tenth of a day', 86_400, undefined, 8640],
])('%s', (_, lifetime, configured, expected) => {
  expect(marginSeconds(lifetime, configured)).toBe(expected);
});
