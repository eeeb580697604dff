import { describe, expect, it } from 'vitest';
import { nextLookAt, retryDelayMs } from '../../../../functions/refresh/rules/retry-schedule.ts';
import {
  dueAfterRefresh,
  hashShare,
  type RefreshFacts,
} from '../../../../functions/refresh/rules/schedule.ts';
import { scaleTiming, TIMING } from '../../../../functions/refresh/rules/timing.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const now = Date.UTC(2026, 0, 1);

const facts = (changes: Partial<RefreshFacts> = {}): RefreshFacts => ({
  name: 'crm',
  generation: 2,
  now,
  obtainedAt: now,
  expiresAt: now + HOUR,
  previousExpiresAt: now,
  refreshTokenExpiresAt: undefined,
  marginSeconds: undefined,
  ...changes,
});

describe('the due instant after a refresh', () => {
  it('lies before expiry by the margin and a jitter of up to a tenth of the rest', () => {
    for (let generation = 2; generation < 200; generation += 1) {
      const due = dueAfterRefresh(facts({ generation }), TIMING);
      expect(due).toBeLessThanOrEqual(now + HOUR - 600 * SECOND);
      expect(due).toBeGreaterThanOrEqual(now + HOUR - 600 * SECOND - 300 * SECOND);
    }
  });

  it('never leaves less than half the lifetime before the refresh, however large the margin', () => {
    const due = dueAfterRefresh(facts({ marginSeconds: 36_000 }), TIMING);
    expect(due).toBeGreaterThanOrEqual(now + HOUR / 2 - HOUR / 20);
  });

  it('spreads the second refresh of a fleet over the whole cycle', () => {
    const cycle = HOUR - 600 * SECOND;
    const dues = Array.from(
      { length: 1000 },
      (_, index) => dueAfterRefresh(facts({ name: `c${index}`, generation: 1 }), TIMING) - now,
    );
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const inTenth = dues.filter((due) => due >= (tenth * cycle) / 10 && due < ((tenth + 1) * cycle) / 10);
      expect(inTenth.length).toBeGreaterThan(60);
      expect(inTenth.length).toBeLessThan(140);
    }
  });

  it('waits half of what remains when a refresh brought no later expiry', () => {
    const due = dueAfterRefresh(
      facts({
        expiresAt: now + 600 * SECOND,
        obtainedAt: now - 3000 * SECOND,
        previousExpiresAt: now + 600 * SECOND,
      }),
      TIMING,
    );
    expect(due).toBe(now + 300 * SECOND);
  });

  it('waits at least 30 s without progress, even when nothing remains', () => {
    const nearlyOver = { obtainedAt: now - HOUR, expiresAt: now + SECOND, previousExpiresAt: now + HOUR };
    const due = dueAfterRefresh(facts(nearlyOver), TIMING);
    expect(due).toBe(now + 30 * SECOND);
  });

  it('is pulled forward by an end of the refresh token that comes first', () => {
    const due = dueAfterRefresh(
      facts({ expiresAt: now + 30 * 24 * HOUR, refreshTokenExpiresAt: now + 7 * 24 * HOUR }),
      TIMING,
    );
    expect(due).toBe(now + 7 * 24 * HOUR * 0.9);
  });

  it('does not hurry after an end that cannot be met any more', () => {
    const usual = dueAfterRefresh(facts(), TIMING);
    expect(dueAfterRefresh(facts({ refreshTokenExpiresAt: now + SECOND }), TIMING)).toBe(usual);
  });
});

describe('the wait after a failure', () => {
  const failure = { retryAfterMs: undefined, outage: false };

  it('doubles from 30 s to 15 min', () => {
    const waits = [1, 2, 3, 4, 5, 6, 40].map(
      (failures) => retryDelayMs({ ...failure, failures }, 1, TIMING) / SECOND,
    );
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900]);
  });

  it('has full jitter', () => {
    expect(retryDelayMs({ ...failure, failures: 3 }, 0, TIMING)).toBe(0);
    expect(retryDelayMs({ ...failure, failures: 3 }, 0.5, TIMING)).toBe(60 * SECOND);
  });

  it('stays within a minute while an outage lasts, since it ends for all at once', () => {
    expect(retryDelayMs({ failures: 30, retryAfterMs: undefined, outage: true }, 1, TIMING)).toBe(
      60 * SECOND,
    );
  });

  it('is what Retry-After says, up to an hour', () => {
    expect(retryDelayMs({ failures: 9, retryAfterMs: 5 * SECOND, outage: true }, 1, TIMING)).toBe(5 * SECOND);
    expect(retryDelayMs({ failures: 1, retryAfterMs: 9 * HOUR, outage: false }, 0, TIMING)).toBe(HOUR);
  });
});

describe('looking for a person’s change', () => {
  it('turns from every minute to every five at one hour exactly, and to hourly at one day', () => {
    const wait = (waitedMs: number) => nextLookAt(now - waitedMs, now, TIMING) - now;
    expect(wait(0)).toBe(60 * SECOND);
    expect(wait(HOUR - 1)).toBe(60 * SECOND);
    expect(wait(HOUR)).toBe(300 * SECOND);
    expect(wait(24 * HOUR - 1)).toBe(300 * SECOND);
    expect(wait(24 * HOUR)).toBe(HOUR);
  });
});

describe('scaled time', () => {
  it('shrinks every wait by the same factor, and nothing at 1', () => {
    expect(scaleTiming(TIMING, 1)).toEqual(TIMING);
    const scaled = scaleTiming(TIMING, 60);
    expect(scaled.retryMostMs).toBe(15 * SECOND);
    expect(scaled.versionDayMs).toBe(24 * 60 * SECOND);
    expect(scaled.waiting[0]).toEqual({ withinMs: 60 * SECOND, everyMs: SECOND });
  });
});

describe('the hash of a connection', () => {
  it('is the same for the same connection and generation, and in [0, 1)', () => {
    expect(hashShare('crm', 7)).toBe(hashShare('crm', 7));
    expect(hashShare('crm', 7)).not.toBe(hashShare('crm', 8));
    for (let index = 0; index < 100; index += 1) {
      expect(hashShare(`c${index}`, 1)).toBeGreaterThanOrEqual(0);
      expect(hashShare(`c${index}`, 1)).toBeLessThan(1);
    }
  });
});
