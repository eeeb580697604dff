import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../../functions/refresh/rules/classify-failure.ts';
import {
  dueAfterFailure,
  type FailureFacts,
  isLastChance,
  lastChanceAt,
  nextLookAt,
  refreshTokenTryAt,
  remindsBetween,
  retryDelayMs,
} from '../../../../functions/refresh/rules/retry-schedule.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { DAY, HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

const FAILURE: Failure = {
  outcome: 'retry-later',
  source: 'provider',
  kind: 'unanswered',
  code: 'timeout',
  message: 'no answer',
};
const WAITING: Failure = { ...FAILURE, outcome: 'needs-reauthorization', kind: 'refused' };
const UNSURE: Failure = { ...FAILURE, kind: 'unsure' };
const THROTTLED: Failure = { ...FAILURE, kind: 'throttled' };

/** How long after now, in milliseconds, it is tried again. */
function wait(failure: Partial<Failure>, facts: Partial<FailureFacts> = {}, fraction = 1): number {
  const base = { failures: 1, kindAt: NOW, since: NOW, expiresAt: undefined, now: NOW };
  return dueAfterFailure({ ...base, failure: { ...FAILURE, ...failure }, ...facts }, fraction, TIMING) - NOW;
}

describe('a connection that is woken to the second', () => {
  const left = (seconds: number) => ({ expiresAt: NOW + seconds * SECOND, isWoken: true });

  it('is tried again halfway to the expiry, at least 5 s on, where others wait half a minute', () => {
    expect(wait({ kind: 'unsure' }, left(28))).toBe(14 * SECOND);
    expect(wait({ kind: 'unsure' }, { ...left(28), isWoken: false })).toBe(30 * SECOND);
    expect(wait({ kind: 'unsure' }, left(8))).toBe(5 * SECOND);
  });

  it('breaks a limit once for its reader, with no tick to leave time for, and not twice', () => {
    expect(wait(THROTTLED, left(28))).toBe(14 * SECOND);
    expect(wait(THROTTLED, left(150))).toBe(30 * SECOND);
    expect(wait(THROTTLED, { ...left(28), failures: 2 })).toBe(60 * SECOND);
    expect(wait({ ...THROTTLED, retryAfterMs: 60 * SECOND }, left(28))).toBe(14 * SECOND);
    expect(wait(THROTTLED, { ...left(28), isWoken: false })).toBe(30 * SECOND);
  });

  it('waits for a person as others do', () => {
    expect(wait(WAITING, left(28))).toBe(MINUTE);
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

  it('has full jitter, in whole milliseconds', () => {
    expect(retryDelayMs({ ...failure, failures: 3 }, 0, TIMING)).toBe(0);
    expect(retryDelayMs({ ...failure, failures: 3 }, 0.5, TIMING)).toBe(60 * SECOND);
    expect(retryDelayMs({ ...failure, failures: 1 }, 1 / 7, TIMING)).toBe(4286);
  });

  it('stays finite however many failures there were', () => {
    expect(retryDelayMs({ ...failure, failures: 5_000 }, 1, TIMING)).toBe(15 * MINUTE);
    const patient = { ...TIMING, retryMostMs: Number.MAX_VALUE };
    expect(retryDelayMs({ ...failure, failures: 5_000 }, 1, patient)).toBe(30 * SECOND * 2 ** 30);
  });

  it('stays within a minute while an outage lasts, since it ends for all at once', () => {
    expect(retryDelayMs({ ...failure, failures: 30, outage: true }, 1, TIMING)).toBe(MINUTE);
    expect(wait({ outage: true }, { failures: 30 })).toBe(MINUTE);
    expect(wait({}, { failures: 30 })).toBe(15 * MINUTE);
  });

  it('is what Retry-After says, up to an hour', () => {
    expect(retryDelayMs({ failures: 9, retryAfterMs: 5 * SECOND, outage: true }, 1, TIMING)).toBe(5 * SECOND);
    expect(retryDelayMs({ failures: 1, retryAfterMs: 9 * HOUR, outage: false }, 0, TIMING)).toBe(HOUR);
    expect(wait({ retryAfterMs: 7 * SECOND })).toBe(7 * SECOND);
  });

  it('ends at the instant that a failure names, and never in the past', () => {
    expect(wait({ retryAt: NOW + 5 * HOUR }, { expiresAt: NOW + HOUR })).toBe(5 * HOUR);
    expect(wait({ retryAt: NOW - 1 })).toBe(0);
  });
});

describe('the wait after a refusal without a sure reason', () => {
  const spaced = (lastedMs: number, fraction = 1) => wait(UNSURE, { kindAt: NOW - lastedMs }, fraction);

  it.each([
    [0, 30 * SECOND],
    [2 * MINUTE, 30 * SECOND],
    [2 * MINUTE + 4, 30 * SECOND + 1],
    [HOUR, 15 * MINUTE],
    [4 * HOUR - 4, HOUR - 1],
    [4 * HOUR, HOUR],
    [30 * DAY, HOUR],
  ])('is a quarter of how long it has lasted, within half a minute and an hour: %d ms', (lasted, ms) => {
    expect(spaced(lasted)).toBe(ms);
  });

  it('has half of it as jitter', () => {
    expect(spaced(HOUR, 0)).toBe(7.5 * MINUTE);
    expect(spaced(HOUR, 0.5)).toBe(11.25 * MINUTE);
  });

  it('does not grow with the failures, which are counted for a person', () => {
    expect(wait(UNSURE, { failures: 20, kindAt: NOW })).toBe(30 * SECOND);
  });

  it('is what Retry-After says where it says something', () => {
    expect(wait({ ...UNSURE, retryAfterMs: 9 * SECOND }, { kindAt: NOW - HOUR })).toBe(9 * SECOND);
  });

  it('becomes that of a look once a person is waited for', () => {
    expect(wait({ ...UNSURE, outcome: 'misconfigured' }, { kindAt: NOW - 10 * HOUR })).toBe(MINUTE);
  });
});

describe('a refresh token that is refused without a sure reason', () => {
  const tryAt = (lastErrorKindAt: number | undefined, refreshTokenSentAt: number | undefined) =>
    refreshTokenTryAt(stateOf({ lastErrorKindAt, refreshTokenSentAt }), TIMING);

  it('is shown again a quarter of the time later that it was refused for when it was sent last', () => {
    expect(tryAt(NOW - HOUR, NOW)).toBe(NOW + 15 * MINUTE);
    expect(tryAt(NOW, NOW)).toBe(NOW + 30 * SECOND);
    expect(tryAt(NOW - 9 * DAY, NOW)).toBe(NOW + HOUR);
  });

  it('is shown the more often the closer the expiry comes, and in time to save the reader', () => {
    const state = { lastErrorKindAt: NOW - 9 * DAY, refreshTokenSentAt: NOW };
    const at = (expiresAt: number) => refreshTokenTryAt(stateOf({ ...state, expiresAt }), TIMING);
    expect(at(NOW + 30 * MINUTE)).toBe(NOW + 15 * MINUTE);
    expect(at(NOW + 150 * SECOND)).toBe(NOW + 60 * SECOND);
    expect(at(NOW + DAY)).toBe(NOW + HOUR);
    expect(at(NOW + 90 * SECOND)).toBe(NOW + 45 * SECOND);
    expect(at(NOW + 59 * SECOND)).toBe(NOW + 30 * SECOND);
    expect(at(NOW)).toBe(NOW + HOUR);
  });

  it('is shown at once where it was never sent, or nothing fails', () => {
    expect(tryAt(undefined, NOW)).toBe(0);
    expect(tryAt(NOW, undefined)).toBe(0);
  });
});

describe('looking for a person’s change', () => {
  it('turns from every minute to every five at one hour exactly, and to hourly at one day', () => {
    const look = (waitedMs: number) => nextLookAt(NOW - waitedMs, NOW, TIMING) - NOW;
    expect([0, HOUR - 1].map(look)).toEqual([MINUTE, MINUTE]);
    expect([HOUR, DAY - 1].map(look)).toEqual([5 * MINUTE, 5 * MINUTE]);
    expect([DAY, 400 * DAY].map(look)).toEqual([HOUR, HOUR]);
  });

  it('goes on as the last tier says where the tiers end, and is due at once where there are none', () => {
    const [first] = TIMING.waiting;
    const withTiers = (waiting: typeof TIMING.waiting) =>
      nextLookAt(NOW - 2 * HOUR, NOW, { ...TIMING, waiting }) - NOW;
    expect(withTiers(first ? [first] : [])).toBe(MINUTE);
    expect(withTiers([])).toBe(0);
  });

  it('is in whole milliseconds', () => {
    const waiting = [{ withinMs: HOUR, everyMs: 16.7 }];
    expect(nextLookAt(NOW, NOW, { ...TIMING, waiting })).toBe(NOW + 17);
  });

  it('counts from when it began to wait', () => {
    expect(wait(WAITING, { since: NOW - 2 * HOUR, failures: 9 })).toBe(5 * MINUTE);
  });

  it('waits as long as a failure that is tried for real, where it is tried for real', () => {
    const store = { ...WAITING, outcome: 'misconfigured', source: 'store', kind: 'store-denied' } as const;
    expect(wait(store, { failures: 6 })).toBe(15 * MINUTE);
    expect(wait(store, { failures: 6 }, 0)).toBe(MINUTE);
    expect(wait(WAITING, { failures: 6 })).toBe(MINUTE);
    expect(wait({ ...WAITING, retryAfterMs: 20 * MINUTE })).toBe(20 * MINUTE);
    expect(wait({ ...WAITING, retryAfterMs: SECOND })).toBe(MINUTE);
  });
});

describe('the last chance', () => {
  it('is 90 s before the expiry, while that lies ahead', () => {
    expect(lastChanceAt(NOW + 90 * SECOND + 1, NOW)).toBe(NOW + 1);
    expect(lastChanceAt(NOW + 90 * SECOND, NOW)).toBeUndefined();
    expect(lastChanceAt(NOW - HOUR, NOW)).toBeUndefined();
    expect(lastChanceAt(undefined, NOW)).toBeUndefined();
  });

  const long = { failures: 20 };

  it('is never waited past, but nothing is put off until then', () => {
    expect(wait({}, { ...long, expiresAt: NOW + 3 * MINUTE })).toBe(90 * SECOND);
    expect(wait({}, { ...long, expiresAt: NOW + HOUR })).toBe(15 * MINUTE);
    expect(wait({}, { ...long, expiresAt: NOW + 150 * SECOND })).toBe(MINUTE);
    expect(wait(WAITING, { since: NOW - 2 * DAY, expiresAt: NOW + 5 * MINUTE })).toBe(3.5 * MINUTE);
  });

  it('is not all that comes: it is tried halfway to the expiry, and half a minute apart at the least', () => {
    expect(wait({}, { ...long, expiresAt: NOW + 20 * MINUTE })).toBe(10 * MINUTE);
    expect(wait({}, { ...long, expiresAt: NOW + 90 * SECOND })).toBe(45 * SECOND);
    expect(wait({}, { ...long, expiresAt: NOW + 40 * SECOND })).toBe(30 * SECOND);
    expect(wait({}, { ...long, expiresAt: NOW + 1 })).toBe(30 * SECOND);
    expect(wait({}, { ...long, expiresAt: NOW })).toBe(15 * MINUTE);
    expect(wait({}, { failures: 1, expiresAt: NOW + 20 * MINUTE })).toBe(30 * SECOND);
    expect(wait(WAITING, { since: NOW - 2 * DAY, expiresAt: NOW + HOUR })).toBe(58.5 * MINUTE);
  });

  it.each([
    ['a Retry-After', { retryAfterMs: 30 * MINUTE }],
    ['a limit without one', THROTTLED],
  ])('breaks %s once and not twice', (_, failure) => {
    const soon = { expiresAt: NOW + 100 * SECOND };
    expect(wait(failure, { ...soon, failures: 1 })).toBe(10 * SECOND);
    expect(wait(failure, { ...soon, failures: 2 })).toBeGreaterThan(10 * SECOND);
    expect(wait(failure, { ...soon, failures: 3 })).toBeGreaterThan(10 * SECOND);
  });

  const at = (changes: Parameters<typeof stateOf>[0]) => isLastChance(stateOf(changes), NOW);

  it.each([
    ['not a moment before it', NOW + 90 * SECOND + 1, false],
    ['from then on', NOW + 90 * SECOND, true],
    ['up to the expiry', NOW + 1, true],
    ['not at the expiry', NOW, false],
    ['not after it', NOW - 1, false],
    ['not without a token', undefined, false],
  ])('is %s', (_, expiresAt, is) => {
    expect(at({ expiresAt })).toBe(is);
  });

  it('is taken once although a limit was met, and not twice', () => {
    const expiresAt = NOW + SECOND;
    expect(at({ expiresAt, failuresByKind: { throttled: 1 } })).toBe(true);
    expect(at({ expiresAt, failuresByKind: { throttled: 2 } })).toBe(false);
    expect(at({ expiresAt, failuresByKind: { unanswered: 9 } })).toBe(true);
  });
});

describe('a reminder', () => {
  const since = NOW + 7 * HOUR;
  const reminds = (from: number, to: number) => remindsBetween(since, since + from, since + to, TIMING);

  it.each([
    ['not in the first hour', 0, HOUR - 1, false],
    ['after an hour', HOUR - 1, HOUR, true],
    ['once for it', HOUR, HOUR + MINUTE, false],
    ['not again before a day has passed', HOUR, DAY - 1, false],
    ['after a day', DAY - 1, DAY, true],
    ['once a day', DAY, 2 * DAY - 1, false],
    ['after two', 2 * DAY - 1, 2 * DAY, true],
    ['for a look that came late, too', DAY + HOUR, 5 * DAY, true],
  ])('is due %s', (_, from, to, is) => {
    expect(reminds(from, to)).toBe(is);
  });

  it('comes once for each day over a month of looks', () => {
    let count = 0;
    for (let at = 0; at < 30 * DAY; at += HOUR) if (reminds(at, at + HOUR)) count += 1;
    expect(count).toBe(31);
  });
});
