import { describe, expect, it } from 'vitest';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import {
  countWrite,
  leavesRoomFor,
  MOST_WRITES_A_DAY,
  mayWrite,
  nextWriteAt,
} from '../../../../functions/refresh/rules/write-quota.ts';
import { DAY, HOUR, MINUTE, NOW } from '../state-of.ts';

const now = NOW + 1;
const hour = (at: number) => Math.floor(at / HOUR);

const written = (times: number, at: number) => {
  let writes: Readonly<Record<string, number>> = {};
  for (let index = 0; index < times; index += 1) writes = countWrite(writes, at, TIMING);
  return writes;
};

describe('the version quota', () => {
  it('ends at the 90th write of a day', () => {
    expect(MOST_WRITES_A_DAY).toBe(90);
    expect(mayWrite(written(89, now), now, TIMING)).toBe(true);
    expect(mayWrite(written(90, now), now, TIMING)).toBe(false);
  });

  it('sums the hours of the day', () => {
    const writes = { [hour(NOW)]: 30, [hour(NOW - HOUR)]: 30, [hour(NOW - 23 * HOUR)]: 29 };
    expect(mayWrite(writes, NOW, TIMING)).toBe(true);
    expect(mayWrite(countWrite(writes, NOW, TIMING), NOW, TIMING)).toBe(false);
  });

  it('counts the hour in which the day began as far as it still belongs to the day', () => {
    const writes = { [hour(NOW - DAY)]: 100 };
    expect(mayWrite(writes, NOW + 6 * MINUTE, TIMING)).toBe(false);
    expect(mayWrite(writes, NOW + 6 * MINUTE + 1, TIMING)).toBe(true);
    expect(mayWrite({ [hour(NOW - DAY - HOUR)]: 500 }, NOW, TIMING)).toBe(true);
  });

  it('is free again once the writes are surely a day old, and says when', () => {
    const writes = written(90, now);
    const freeAt = nextWriteAt(writes, now, TIMING);
    expect(mayWrite(writes, now + 23 * HOUR, TIMING)).toBe(false);
    expect(mayWrite(writes, freeAt, TIMING)).toBe(true);
    expect(mayWrite(writes, freeAt - 5 * MINUTE, TIMING)).toBe(false);
    expect(freeAt - now).toBeGreaterThan(23 * HOUR);
    expect(freeAt - now).toBeLessThanOrEqual(25 * HOUR);
  });

  it('says now where it is free, in whole milliseconds', () => {
    expect(nextWriteAt(written(89, now), now, TIMING)).toBe(now);
    expect(nextWriteAt({}, now + 0.25, TIMING)).toBe(now + 1);
  });

  it('never stops a connection that is refreshed every 960 s, the least that is allowed', () => {
    let writes: Readonly<Record<string, number>> = {};
    for (let at = now; at < now + 72 * HOUR; at += 960_000) {
      expect(mayWrite(writes, at, TIMING)).toBe(true);
      writes = countWrite(writes, at, TIMING);
    }
  });

  it('forgets the hours that have left the day, and no other', () => {
    const at = now + 24 * HOUR;
    expect(countWrite(written(5, now), at, TIMING)).toEqual({ [hour(now)]: 5, [hour(at)]: 1 });
    expect(countWrite(written(5, now), at + HOUR, TIMING)).toEqual({ [hour(at + HOUR)]: 1 });
  });

  it('shrinks with the day', () => {
    const fast = { ...TIMING, versionDayMs: 24 * MINUTE };
    const writes = countWrite({}, NOW, fast);
    expect(writes).toEqual({ [NOW / MINUTE]: 1 });
    expect(countWrite(writes, NOW + 25 * MINUTE, fast)).toEqual({ [NOW / MINUTE + 25]: 1 });
  });
});

describe('room for what is scheduled', () => {
  const room = (writes: Readonly<Record<string, number>>, everyMs: number) =>
    leavesRoomFor({ writes, most: 90 }, everyMs, NOW, TIMING);

  it.each([
    ['every hour', HOUR, 24],
    ['every two hours', 2 * HOUR, 12],
    ['every 37 minutes', 37 * MINUTE, 39],
    ['once a day', DAY, 1],
    ['seldom', 30 * DAY, 1],
  ])('is left by one write more where a write %s fits in behind it', (_, everyMs, meanwhile) => {
    expect(room({ [hour(NOW)]: 90 - 1 - meanwhile }, everyMs)).toBe(true);
    expect(room({ [hour(NOW)]: 90 - meanwhile }, everyMs)).toBe(false);
  });

  it('grows again as the writes of the day before leave it', () => {
    const yesterday = { [hour(NOW - 23 * HOUR)]: 80 };
    expect(room(yesterday, 30 * MINUTE)).toBe(true);
    expect(room({ [hour(NOW - 20 * HOUR)]: 80 }, 30 * MINUTE)).toBe(true);
    expect(room({ [hour(NOW - 18 * HOUR)]: 80 }, 30 * MINUTE)).toBe(false);
  });

  it('is not there where the quota is used up now', () => {
    expect(room({ [hour(NOW)]: 89 }, 30 * DAY)).toBe(false);
    expect(room({ [hour(NOW - 23 * HOUR)]: 90 }, 30 * DAY)).toBe(false);
  });
});
