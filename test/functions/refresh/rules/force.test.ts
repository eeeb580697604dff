import { describe, expect, it } from 'vitest';
import { refusalOfForce } from '../../../../functions/refresh/rules/force.ts';
import { dueAfterRefresh } from '../../../../functions/refresh/rules/schedule.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { countWrite, mayWrite, type WritesByHour } from '../../../../functions/refresh/rules/write-quota.ts';
import { DAY, HOUR, MINUTE, NOW, stateOf } from '../state-of.ts';

const ASKED = NOW - 5;
const hour = (at: number) => String(Math.floor(at / HOUR));

function refusal(changes: Parameters<typeof stateOf>[0], requestedAt = ASKED) {
  return refusalOfForce(stateOf(changes), { requestedAt }, NOW, TIMING);
}

describe('a forced refresh', () => {
  it('is made of a connection that was never asked for', () => {
    expect(refusal({})).toBeUndefined();
  });

  it('is "fresh" when a token was obtained after it was asked for, at the very instant too', () => {
    expect(refusal({ obtainedAt: ASKED })).toEqual({ outcome: 'fresh' });
    expect(refusal({ obtainedAt: NOW - 1 })).toEqual({ outcome: 'fresh' });
    expect(refusal({ obtainedAt: ASKED - 1, lastOutcome: 'retry-later' })).not.toEqual({ outcome: 'fresh' });
  });

  it('comes no sooner than a minute after the last one, to the millisecond', () => {
    const since = (ms: number) => refusal({ obtainedAt: NOW - ms, lastOutcome: 'refreshed' }, NOW);
    expect(since(MINUTE - 1)).toEqual({ outcome: 'fresh' });
    expect(since(MINUTE)).toBeUndefined();
  });

  it('comes no sooner than that after a failed exchange either, and says how that one ended', () => {
    const failed = { obtainedAt: NOW - HOUR, lastOutcome: 'misconfigured' } as const;
    expect(refusal({ ...failed, exchangedAt: NOW - MINUTE + 1 })).toEqual({ outcome: 'misconfigured' });
    expect(refusal({ ...failed, exchangedAt: NOW - MINUTE })).toBeUndefined();
  });

  it('counts the gap from the later of the exchange and the token', () => {
    const lastOutcome = 'refreshed';
    expect(refusal({ obtainedAt: NOW - 50, exchangedAt: NOW - HOUR, lastOutcome })).toBeDefined();
    expect(refusal({ obtainedAt: NOW - HOUR, exchangedAt: NOW - 50, lastOutcome })).toBeDefined();
  });

  it('is to be tried later where an exchange has come to nothing yet', () => {
    expect(refusal({ exchangedAt: NOW - 1 })).toEqual({ outcome: 'retry-later' });
  });
});

describe('the version quota', () => {
  const written = (count: number) => ({ [hour(NOW)]: count });
  const hourly = { obtainedAt: NOW - 50 * MINUTE, expiresAt: NOW + 10 * MINUTE };
  /** 45 minutes between two refreshes of an hourly token are 32 a day. */
  const room = 90 - 32;

  it.each(['writesByHour', 'tokenWritesByHour'] as const)('is left to the ticks, by %s', (field) => {
    expect(refusal({ ...hourly, [field]: written(room - 1) })).toBeUndefined();
    const refused = refusal({ ...hourly, [field]: written(room) });
    expect(refused).toMatchObject({ outcome: 'retry-later', error: { code: 'forced_too_often' } });
    expect(refused?.error?.remedy).toMatch(/\w/);
    expect(refused?.error?.message).toMatch(/\w/);
  });

  it('is measured by an hour where no token is known', () => {
    expect(refusal({ writesByHour: written(room - 1) })).toBeUndefined();
    expect(refusal({ writesByHour: written(room) })).toBeDefined();
    expect(refusal({ writesByHour: written(room), expiresAt: NOW + DAY })).toBeDefined();
    expect(refusal({ writesByHour: written(room), obtainedAt: NOW - HOUR })).toBeDefined();
  });

  it('has more room where a token lives longer, and less where its margin is large', () => {
    const daily = { obtainedAt: NOW - HOUR, expiresAt: NOW + 23 * HOUR };
    expect(refusal({ ...daily, writesByHour: written(80) })).toBeUndefined();
    const definition = { credentials: 'client', marginSeconds: 1_500 };
    expect(refusal({ ...hourly, definition, writesByHour: written(room - 1) })).toBeDefined();
  });

  it('is not there for a token that does not live at all', () => {
    expect(refusal({ obtainedAt: NOW - HOUR, expiresAt: NOW - HOUR })).toMatchObject({
      error: { code: 'forced_too_often' },
    });
  });

  it('bears ninety forced refreshes in ninety minutes: each scheduled one of the days after has its write', () => {
    let writes: WritesByHour = {};
    let [dueAt, obtainedAt, forced, scheduled] = [NOW, NOW - HOUR, 0, 0];
    for (let at = NOW; at < NOW + 3 * DAY; at += MINUTE) {
      const state = stateOf({ obtainedAt, expiresAt: obtainedAt + HOUR, writesByHour: writes });
      const isForced = at < NOW + 90 * MINUTE;
      const isDue = at >= dueAt;
      if (isDue) expect(mayWrite(writes, at, TIMING)).toBe(true);
      const isMade = isDue || (isForced && !refusalOfForce(state, { requestedAt: at }, at, TIMING));
      if (!isMade) continue;
      if (isDue) scheduled += 1;
      else forced += 1;
      writes = countWrite(writes, at, TIMING);
      const previousExpiresAt = obtainedAt + HOUR;
      obtainedAt = at;
      const facts = { name: 'crm', now: at, obtainedAt, expiresAt: at + HOUR, previousExpiresAt };
      const unknown = { isSame: false, refreshTokenExpiresAt: undefined, marginSeconds: undefined };
      dueAt = dueAfterRefresh({ ...facts, ...unknown, generation: forced + scheduled + 1 }, TIMING);
    }
    expect(forced).toBeGreaterThan(40);
    expect(forced).toBeLessThan(60);
    expect(scheduled).toBeGreaterThan(80);
  });
});
