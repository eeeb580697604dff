import { describe, expect, it } from 'vitest';
import { warnsOfEnd } from '../../../../functions/refresh/rules/refresh-token-end.ts';
import { DAY, HOUR, NOW } from '../state-of.ts';

const REFRESH = ['refresh_token'];

describe('a warning that a refresh token ends', () => {
  const warns = (leftMs: number, sinceMs = HOUR) => warnsOfEnd(NOW + leftMs, REFRESH, NOW - sinceMs, NOW);

  it.each([
    ['not 15 days ahead', 15 * DAY, false],
    ['not a moment before 14 days', 14 * DAY + 1, false],
    ['14 days ahead', 14 * DAY, true],
    ['once for that day', 14 * DAY - HOUR, false],
    ['still within the hour in which the day began', 14 * DAY - HOUR + 1, true],
    ['a day later', 13 * DAY, true],
    ['on the last day', DAY, true],
    ['at the end', 0, true],
    ['not a second time for the same end', -HOUR, false],
    ['not a day after the end', -DAY, false],
    ['not a year after it', -365 * DAY, false],
  ])('comes %s', (_, leftMs, is) => {
    expect(warns(leftMs)).toBe(is);
  });

  it('quirk 47: comes once a day, however often it is looked', () => {
    let count = 0;
    for (let left = 20 * DAY; left > -20 * DAY; left -= HOUR) if (warns(left)) count += 1;
    expect(count).toBe(15);
  });

  it('comes late rather than not at all', () => {
    expect(warns(10 * DAY, 30 * DAY)).toBe(true);
    expect(warns(-3 * DAY, 4 * DAY)).toBe(true);
  });

  it('does not come where no end is known', () => {
    expect(warnsOfEnd(undefined, REFRESH, 0, NOW)).toBe(false);
  });

  it.each([
    ['another grant takes its place', ['refresh_token', 'client_credentials'], false],
    ['the refresh token is all there is', REFRESH, true],
    ['nothing is known of the grants', [], true],
  ])('where %s: %s', (_, grants, is) => {
    expect(warnsOfEnd(NOW + DAY, grants, NOW - DAY, NOW)).toBe(is);
  });
});
