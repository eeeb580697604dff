import { describe, expect, it } from 'vitest';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { countWrite, mayWrite, nextWriteAt } from '../../../../functions/refresh/rules/write-quota.ts';

const HOUR = 3_600_000;
const now = 500_000 * HOUR + 1;

const written = (times: number, at: number) => {
  let writes: Readonly<Record<string, number>> = {};
  for (let index = 0; index < times; index += 1) writes = countWrite(writes, at, TIMING);
  return writes;
};

describe('the version quota', () => {
  it('ends at the 90th write of a day', () => {
    expect(mayWrite(written(89, now), now, TIMING)).toBe(true);
    expect(mayWrite(written(90, now), now, TIMING)).toBe(false);
  });

  it('is free again once the writes are surely a day old, and says when', () => {
    const writes = written(90, now);
    const freeAt = nextWriteAt(writes, now, TIMING);
    expect(mayWrite(writes, now + 23 * HOUR, TIMING)).toBe(false);
    expect(mayWrite(writes, freeAt, TIMING)).toBe(true);
    expect(freeAt - now).toBeGreaterThan(23 * HOUR);
    expect(freeAt - now).toBeLessThanOrEqual(25 * HOUR);
  });

  it('never stops a connection that is refreshed every 960 s, the least that is allowed', () => {
    let writes: Readonly<Record<string, number>> = {};
    for (let at = now; at < now + 72 * HOUR; at += 960_000) {
      expect(mayWrite(writes, at, TIMING)).toBe(true);
      writes = countWrite(writes, at, TIMING);
    }
  });

  it('forgets the hours that have left the day', () => {
    const writes = countWrite(written(5, now), now + 30 * HOUR, TIMING);
    expect(Object.values(writes)).toEqual([1]);
  });
});
