import { describe, expect, it } from 'vitest';
import { applyChange } from '../../../../functions/refresh/connection-state.ts';
import {
  endangeredFrom,
  UNWATCHED_AT,
  watchedHealth,
  watchOf,
  withWatch,
} from '../../../../functions/refresh/rules/watch.ts';
import { DAY, HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

const END = NOW + HOUR;
const refreshed = {
  lastOutcome: 'refreshed',
  obtainedAt: NOW,
  expiresAt: END,
  dueAt: NOW + 45 * MINUTE,
} as const;
const dangerOf = (changes: Parameters<typeof stateOf>[0]) =>
  endangeredFrom(stateOf({ ...refreshed, ...changes }));

describe('a token in danger', () => {
  it('is one that nothing has replaced five minutes before its end', () => {
    expect(dangerOf({})).toBe(END - 5 * MINUTE);
  });

  it('of minutes is so a tenth of its life before', () => {
    expect(dangerOf({ expiresAt: NOW + 5 * MINUTE, dueAt: NOW + 2 * MINUTE })).toBe(NOW + 4.5 * MINUTE);
    expect(dangerOf({ expiresAt: NOW + 50 * MINUTE })).toBe(NOW + 47 * MINUTE);
  });

  it('is so no earlier than that, to the instant', () => {
    expect(dangerOf({ expiresAt: NOW + 100_001, dueAt: NOW - HOUR })).toBe(NOW + 90_001);
    expect(dangerOf({ obtainedAt: END + 1, dueAt: NOW - HOUR })).toBe(END);
  });

  it('of an unknown beginning counts as one of an hour', () => {
    expect(dangerOf({ obtainedAt: undefined })).toBe(END - 5 * MINUTE);
  });

  it('is none while it is refreshed as planned, two minutes beyond, and never after its end', () => {
    expect(dangerOf({ dueAt: END - 4 * MINUTE })).toBe(END - 2 * MINUTE);
    expect(dangerOf({ dueAt: END - MINUTE })).toBe(END);
    expect(dangerOf({ dueAt: NOW, dueAfterTold: END - 4 * MINUTE })).toBe(END - 2 * MINUTE);
  });

  it('is none for a first failure that is tried again within the minute', () => {
    const failed = { lastOutcome: 'retry-later', dueAt: END } as const;
    expect(dangerOf({ ...failed, failingSince: END - 4 * MINUTE })).toBe(END - 3 * MINUTE);
    expect(dangerOf({ ...failed, failingSince: END - 10 * SECOND })).toBe(END);
    expect(dangerOf({ ...failed, failingSince: NOW })).toBe(END - 5 * MINUTE);
  });

  it('is without an end to look to where it is planned to be gone for a while', () => {
    const stretched = { stretched: true, dueAt: END + 10 * MINUTE };
    expect(dangerOf(stretched)).toBe(END + 12 * MINUTE);
    const failed = { lastOutcome: 'retry-later', failingSince: END + 10 * MINUTE } as const;
    expect(dangerOf({ ...stretched, ...failed })).toBe(END + 11 * MINUTE);
  });

  it('is none where there is no token, or nobody keeps it fresh', () => {
    expect(dangerOf({ expiresAt: undefined })).toBeUndefined();
    expect(dangerOf({ paused: true })).toBeUndefined();
  });
});

describe('the place among those who are watched', () => {
  it('is the earliest of need, danger and when it is due', () => {
    const { needAt, dangerAt, watchAt } = watchOf(stateOf(refreshed));
    expect(dangerAt).toBe(END - 5 * MINUTE);
    expect(needAt).toBe(END + 10 * MINUTE);
    expect(watchAt).toBe(refreshed.dueAt);
    const retried = { ...refreshed, lastOutcome: 'retry-later', dueAt: END, failingSince: NOW } as const;
    expect(watchOf(stateOf(retried)).watchAt).toBe(dangerAt);
    const waiting = stateOf({ ...refreshed, lastOutcome: 'misconfigured', lastErrorAt: NOW + 1 });
    expect(watchOf(waiting)).toMatchObject({ needAt: NOW + 1, watchAt: NOW + 1 });
  });

  it('is that of need or due where there never was a token', () => {
    const never = stateOf({ queuedAt: NOW, dueAt: NOW + HOUR });
    const { needAt, dangerAt, watchAt } = watchOf(never);
    expect(dangerAt).toBeNull();
    expect(needAt).toBe(NOW + 10 * MINUTE);
    expect(watchAt).toBe(needAt);
    expect(watchOf({ ...never, dueAt: NOW }).watchAt).toBe(NOW);
  });

  it('is behind all others for one that is paused', () => {
    expect(watchOf(stateOf({ ...refreshed, paused: true }))).toEqual({
      needAt: null,
      dangerAt: null,
      watchAt: UNWATCHED_AT,
    });
  });

  it('comes with each change, by the state after it', () => {
    const change = withWatch(stateOf(), { ...refreshed, generation: 2 });
    expect(change).toMatchObject({ generation: 2, watchAt: refreshed.dueAt, dangerAt: END - 5 * MINUTE });
  });
});

describe('the end of a refresh token', () => {
  const before = stateOf({ ...refreshed, refreshTokenExpiresAt: NOW + 90 * DAY });
  const stateAfter = (
    end: number | null | undefined,
    lastOutcome: 'refreshed' | 'retry-later' = 'refreshed',
  ) =>
    applyChange(
      before,
      withWatch(before, { lastOutcome, ...(end !== undefined && { refreshTokenExpiresAt: end }) }),
    );

  it('stays where a refresh does not move it, but for a minute', () => {
    expect(stateAfter(NOW + 90 * DAY)).toHaveProperty('endStays', true);
    expect(stateAfter(NOW + 90 * DAY + MINUTE)).toHaveProperty('endStays', true);
    expect(stateAfter(NOW + 90 * DAY + MINUTE + 1)).not.toHaveProperty('endStays');
    expect(stateAfter(null)).not.toHaveProperty('endStays');
  });

  it('is not judged by what brought no token, nor by a first one', () => {
    expect(stateAfter(NOW + 90 * DAY, 'retry-later')).not.toHaveProperty('endStays');
    const first = stateOf(refreshed);
    const change = { lastOutcome: 'refreshed', refreshTokenExpiresAt: NOW + DAY } as const;
    expect(withWatch(first, change)).toMatchObject({ endStays: null });
    const stays = applyChange(before, { endStays: true });
    expect(withWatch(stays, { lastOutcome: 'retry-later' })).not.toHaveProperty('endStays');
  });
});

describe('health as the index knows it', () => {
  const watched = (changes: object) => ({ name: 'crm', watchAt: NOW, ...changes });
  it.each([
    ['healthy', { lastOutcome: 'refreshed', expiresAt: NOW + 1, needAt: NOW + 1 }],
    ['retrying', { lastOutcome: 'refreshed', expiresAt: NOW, needAt: NOW + 1 }],
    ['retrying', { lastOutcome: 'retry-later', expiresAt: NOW + 1, needAt: NOW + 1 }],
    ['new', {}],
    ['failing', { lastOutcome: 'retry-later', needAt: NOW }],
    ['failing', { lastOutcome: 'refreshed', expiresAt: NOW, needAt: NOW }],
    ['needs-reauthorization', { lastOutcome: 'refreshed', expiresAt: NOW + 1, needAt: NOW }],
    ['needs-reauthorization', { lastOutcome: 'needs-reauthorization', needAt: NOW }],
    ['misconfigured', { lastOutcome: 'misconfigured', expiresAt: NOW + 1, needAt: NOW }],
    ['awaiting-credentials', { lastOutcome: 'awaiting-credentials' }],
  ] as const)('is "%s" of %o', (health, changes) => {
    expect(watchedHealth(watched(changes) as never, NOW)).toBe(health);
  });
});
