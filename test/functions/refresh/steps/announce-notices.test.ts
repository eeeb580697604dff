import { describe, expect, it } from 'vitest';
import { AttemptLedger } from '../../../../functions/refresh/attempt-ledger.ts';
import type { StateChange } from '../../../../functions/refresh/connection-state.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { tellAgain, withNotices } from '../../../../functions/refresh/steps/announce.ts';
import { DAY, HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

type Changes = Parameters<typeof stateOf>[0];
const REFRESHED: StateChange = { lastOutcome: 'refreshed', expiresAt: NOW + HOUR, dueAt: NOW + HOUR / 2 };
const FAILED: StateChange = { lastOutcome: 'retry-later', lastErrorCode: 'timeout', dueAt: NOW + 5 * MINUTE };
const LOST: StateChange = { ...FAILED, lastOutcome: 'needs-reauthorization', lastErrorAt: NOW };

describe('notices', () => {
  const notices = (before: Changes, change: StateChange) =>
    withNotices(stateOf(before), { outcome: 'retry-later', change }, NOW, {
      namespace: 'evertoken',
      timing: TIMING,
    });

  it('are kept in what is committed, which is then due within a minute', () => {
    expect(notices({}, LOST)).toEqual({
      ...LOST,
      neededSince: NOW,
      neededFor: 'needs-reauthorization',
      neededToldAt: NOW,
      untold: ['Connection Needs Attention'],
      dueAfterTold: NOW + 5 * MINUTE,
      dueAt: NOW + MINUTE,
    });
  });

  it('put off nothing that is due sooner', () => {
    expect(notices({}, { ...LOST, dueAt: NOW + SECOND })).toMatchObject({
      dueAt: NOW + SECOND,
      dueAfterTold: NOW + SECOND,
    });
  });

  it('are no notice of what was only looked at', () => {
    const ending = { refreshTokenExpiresAt: NOW + 13 * DAY, obtainedAt: NOW - DAY };
    const looked = { dueAt: NOW + MINUTE };
    expect(notices({ ...ending, lastOutcome: 'refreshed' }, looked)).toBe(looked);
  });

  it('are no notice where nobody must hear of it', () => {
    expect(notices({}, FAILED)).toBe(FAILED);
    expect(notices({}, REFRESHED)).toBe(REFRESHED);
  });

  it('are warnings of an end too, also where the grants are not known', () => {
    const before = { refreshTokenExpiresAt: NOW + 13 * DAY, obtainedAt: NOW - DAY };
    const change = { ...REFRESHED, refreshTokenExpiresAt: NOW + 13 * DAY };
    expect(notices(before, change).untold).toEqual(['Refresh Token Expiring']);
  });

  it('come beside those that nobody has confirmed, each once', () => {
    const called = { neededSince: NOW, neededFor: 'misconfigured', neededToldAt: NOW };
    const before = {
      lastOutcome: 'misconfigured',
      untold: ['Connection Needs Attention'],
      ...called,
    } as const;
    expect(notices(before, REFRESHED).untold).toEqual(['Connection Needs Attention', 'Connection Recovered']);
    expect(notices(before, LOST).untold).toEqual(['Connection Needs Attention']);
  });

  it('stay due for when the token was due, whatever is committed', () => {
    const untold = ['Connection Recovered'];
    expect(notices({ untold, dueAfterTold: NOW + HOUR }, {})).toEqual({
      untold,
      dueAfterTold: NOW + HOUR,
      dueAt: NOW + MINUTE,
    });
    expect(notices({ untold, dueAt: NOW + 2 * HOUR }, {}).dueAfterTold).toBe(NOW + 2 * HOUR);
    expect(notices({ untold, dueAfterTold: NOW + HOUR }, { dueAt: NOW + 9 }).dueAfterTold).toBe(NOW + 9);
    const again = { dueAfterTold: NOW + HOUR, dueAt: NOW + 9 };
    expect(notices({ untold }, again).dueAfterTold).toBe(NOW + HOUR);
  });
});

describe('a connection for which nobody is needed yet', () => {
  const failed = { ...FAILED, failingSince: NOW - 5 * MINUTE, dueAt: NOW + HOUR };
  const change = (before: Changes, changed: StateChange = failed) =>
    withNotices(stateOf(before), { outcome: 'retry-later', change: changed }, NOW, {
      namespace: 'evertoken',
      timing: TIMING,
    });

  it('is due when somebody will be, where that comes before its next try', () => {
    expect(change({ expiresAt: NOW - MINUTE })).toEqual({
      ...failed,
      dueAt: NOW + 9 * MINUTE,
      dueAfterTold: NOW + HOUR,
    });
  });

  it('is due for its next try alone where that comes first', () => {
    const soon = { ...failed, dueAt: NOW + 9 * MINUTE };
    expect(change({ expiresAt: NOW - MINUTE }, soon)).toBe(soon);
    expect(change({ expiresAt: NOW + HOUR })).toBe(failed);
  });

  it('is due for its next try alone where somebody is called already', () => {
    const neededSince = NOW - MINUTE;
    const called = { neededSince, neededFor: 'failing', neededToldAt: NOW };
    expect(change({ expiresAt: NOW - MINUTE, lastOutcome: 'retry-later', ...called })).toBe(failed);
  });

  it('forgets when it was to be told, once another try comes first', () => {
    const before = { expiresAt: NOW - MINUTE, dueAfterTold: NOW + HOUR };
    const soon = { ...failed, dueAt: NOW + MINUTE };
    expect(change(before, soon)).toEqual({ ...soon, dueAfterTold: null });
  });

  it('is not put off by a look that has nothing to tell', () => {
    const before = { lastOutcome: 'retry-later', failingSince: NOW, expiresAt: NOW - MINUTE } as const;
    const looked = { dueAfterTold: NOW + HOUR };
    expect(change({ ...before, dueAfterTold: NOW + HOUR }, looked)).toEqual({
      dueAt: NOW + 10 * MINUTE,
      dueAfterTold: NOW + HOUR,
    });
  });
});

describe('a connection that is due only because of what was not told', () => {
  const left = { untold: ['Connection Recovered'], dueAfterTold: NOW + HOUR, attempt: 'own' };
  const again = (changes: Changes) => {
    const state = stateOf(changes);
    return tellAgain(state, new AttemptLedger(state, 'own', TIMING), NOW);
  };

  it('tells it and comes to what it came to before', () => {
    const closed = { attempt: null, attemptAt: null, unansweredSends: null };
    const change = { ...closed, dueAfterTold: NOW + HOUR };
    expect(again({ ...left, lastOutcome: 'retry-later' })).toEqual({ outcome: 'retry-later', change });
    expect(again(left)?.outcome).toBe('fresh');
    expect(again({ ...left, untold: undefined })?.change).toEqual(change);
  });

  it.each([
    ['its token is due too', { ...left, dueAfterTold: NOW }],
    ['it is not known when the token is due', { ...left, dueAfterTold: undefined }],
  ])('is another where %s', (_, changes) => {
    expect(again(changes)).toBeUndefined();
  });
});
