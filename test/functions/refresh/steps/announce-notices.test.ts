import { describe, expect, it } from 'vitest';
import { AttemptLedger } from '../../../../functions/refresh/attempt-ledger.ts';
import type { StateChange } from '../../../../functions/refresh/connection-state.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { tellAgain, withNotices } from '../../../../functions/refresh/steps/announce.ts';
import { DAY, HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

type Changes = Parameters<typeof stateOf>[0];
const REFRESHED: StateChange = { lastOutcome: 'refreshed', expiresAt: NOW + HOUR, dueAt: NOW + HOUR / 2 };
const FAILED: StateChange = { lastOutcome: 'retry-later', lastErrorCode: 'timeout', dueAt: NOW + 5 * MINUTE };
const LOST: StateChange = { ...FAILED, lastOutcome: 'needs-reauthorization' };

describe('notices', () => {
  const notices = (before: Changes, change: StateChange) =>
    withNotices(stateOf(before), { outcome: 'retry-later', change }, NOW);

  it('are kept in what is committed, which is then due within a minute', () => {
    expect(notices({}, LOST)).toEqual({
      ...LOST,
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
    const before = { lastOutcome: 'misconfigured', untold: ['Connection Needs Attention'] } as const;
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
  });

  it.each([
    ['its token is due too', { ...left, dueAfterTold: NOW }],
    ['nothing is untold', { ...left, untold: undefined }],
    ['it is not known when the token is due', { ...left, dueAfterTold: undefined }],
  ])('is another where %s', (_, changes) => {
    expect(again(changes)).toBeUndefined();
  });
});
