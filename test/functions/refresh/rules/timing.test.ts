import { describe, expect, it } from 'vitest';
import { STEPS, scaleTiming, TIMING, type Timing } from '../../../../functions/refresh/rules/timing.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../state-of.ts';

describe('the waits of the refresh policy', () => {
  it('are these', () => {
    expect(TIMING).toEqual({
      forceGapMs: MINUTE,
      retryFirstMs: 30 * SECOND,
      retryMostMs: 15 * MINUTE,
      outageRetryMostMs: MINUTE,
      retryAfterMostMs: HOUR,
      refusedAgainMs: [HOUR, DAY],
      unsureMostMs: HOUR,
      passwordEveryMs: HOUR,
      unansweredMs: 2 * MINUTE,
      waiting: [
        { withinMs: HOUR, everyMs: MINUTE },
        { withinMs: DAY, everyMs: 5 * MINUTE },
        { withinMs: Infinity, everyMs: HOUR },
      ],
      originCooldownMs: 45 * SECOND,
      clientCooldownMs: MINUTE,
      noProgressMs: 30 * SECOND,
      credentialsCacheMs: 5 * MINUTE,
      credentialsKnownMs: 12 * HOUR,
      versionDayMs: DAY,
    });
  });
});

describe('scaled time', () => {
  it('is the same at 1', () => {
    expect(scaleTiming(TIMING, 1)).toEqual(TIMING);
  });

  const scaled = scaleTiming(TIMING, 60);
  const single = Object.entries(TIMING).flatMap(([field, ms]) =>
    typeof ms === 'number' ? [[field as keyof Timing, ms] as const] : [],
  );

  it.each(single.filter(([field]) => field !== 'unansweredMs'))('shrinks %s', (field, ms) => {
    expect(scaled[field]).toBe(ms / 60);
  });

  it('shrinks each of several waits', () => {
    expect(scaled.refusedAgainMs).toEqual([MINUTE, 24 * MINUTE]);
    expect(scaled.waiting).toEqual([
      { withinMs: MINUTE, everyMs: SECOND },
      { withinMs: 24 * MINUTE, everyMs: 5 * SECOND },
      { withinMs: Infinity, everyMs: MINUTE },
    ]);
  });

  it('leaves alone how long an exchange without an answer may still take effect', () => {
    expect(scaled.unansweredMs).toBe(2 * MINUTE);
  });
});

describe('the steps of one refresh', () => {
  it('leave a process the time to spend and to store, from the last moment of sending on', () => {
    const { leaseMs, sentBeforeEndMs, spendMs, exchangeMs, rescueBeforeEndMs, abortBeforeEndMs } = STEPS;
    expect({ leaseMs, spendMs, sentBeforeEndMs }).toEqual({
      leaseMs: 2 * MINUTE,
      spendMs: 75 * SECOND,
      sentBeforeEndMs: 70 * SECOND,
    });
    expect(sentBeforeEndMs - exchangeMs - rescueBeforeEndMs).toBe(40 * SECOND);
    expect(rescueBeforeEndMs - STEPS.rescueMs).toBe(abortBeforeEndMs);
    expect(STEPS.publishBeforeEndMs - rescueBeforeEndMs).toBe(STEPS.rescueMs);
    expect(abortBeforeEndMs).toBe(5 * SECOND);
  });
});
