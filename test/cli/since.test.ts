import { describe, expect, it } from 'vitest';
import { readSince } from '../../cli/since.ts';

const NOW = Date.UTC(2026, 0, 31, 12);

describe('--since', () => {
  it.each([
    ['90m', NOW - 90 * 60_000],
    ['24h', NOW - 24 * 3_600_000],
    ['7d', NOW - 7 * 86_400_000],
    ['2026-01-31T08:00:00Z', Date.UTC(2026, 0, 31, 8)],
    ['2026-01-31T08:00:00+02:00', Date.UTC(2026, 0, 31, 6)],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
  ])('%s is an instant', (text, at) => {
    expect(readSince(text, NOW)).toBe(at);
  });

  it.each(['', 'yesterday', '24', '24H', '-1h', '1.5h', '2026-13-01', '31', '1234567m'])(
    '"%s" is refused with what it takes',
    (text) => {
      expect(() => readSince(text, NOW)).toThrow(
        /expected a length of time such as 90m, 24h or 7d, or an instant/,
      );
    },
  );
});
