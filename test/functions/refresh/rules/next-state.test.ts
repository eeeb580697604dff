import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../../functions/refresh/rules/classify-failure.ts';
import {
  type PublishedFacts,
  stateAfterFailure,
  stateAfterSuccess,
} from '../../../../functions/refresh/rules/next-state.ts';
import { dueAfterRefresh } from '../../../../functions/refresh/rules/schedule.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

const KEPT = { attempt: null, refreshTokenVersionId: 'v2' };

describe('the state after a token was published', () => {
  const published: PublishedFacts = {
    obtainedAt: NOW,
    expiresAt: NOW + HOUR,
    refreshTokenExpiresAt: NOW + 90 * 24 * HOUR,
    tokenVersionId: 't2',
    tokenDigest: 'digest',
    isSame: false,
    marginSeconds: undefined,
    isRescued: false,
    place: 'secret',
    secrets: 1,
    onlyRefreshed: false,
  };
  const before = stateOf({ generation: 4, failures: 3, expiresAt: NOW + MINUTE });
  const succeeded = (changes: Partial<PublishedFacts> = {}, state = before) =>
    stateAfterSuccess(state, { ...published, ...changes }, KEPT, NOW, TIMING);

  it('is, in full, a healthy one', () => {
    const facts = { ...published, name: 'crm', generation: 5, now: NOW, previousExpiresAt: NOW + MINUTE };
    expect(succeeded()).toEqual({
      ...KEPT,
      dueAt: dueAfterRefresh(facts, TIMING),
      tokenVersionId: 't2',
      tokenDigest: 'digest',
      publishedTo: null,
      onlyRefreshed: false,
      expiresAt: NOW + HOUR,
      obtainedAt: NOW,
      refreshTokenExpiresAt: NOW + 90 * 24 * HOUR,
      stretched: null,
      generation: 5,
      failures: 0,
      failuresByKind: null,
      failingSince: null,
      lastOutcome: 'refreshed',
      lastErrorKind: null,
      lastErrorKindAt: null,
      lastErrorCode: null,
      lastErrorMessage: null,
      lastErrorSource: null,
      lastErrorAt: null,
    });
  });

  it('forgets an end of the refresh token that is not known any more', () => {
    expect(succeeded({ refreshTokenExpiresAt: undefined })).toMatchObject({ refreshTokenExpiresAt: null });
  });

  it('says when a lifetime does not fit a secret', () => {
    expect(succeeded({ expiresAt: NOW + 10 * MINUTE })).toMatchObject({ stretched: true });
  });

  it('learns nothing of lifetimes from what is left of the same token', () => {
    const rest = { expiresAt: NOW + 10 * MINUTE, isSame: true };
    expect(succeeded(rest)).toMatchObject({ stretched: null });
    expect(succeeded(rest, stateOf({ stretched: true }))).toMatchObject({ stretched: true });
    expect(succeeded({ isSame: true }, stateOf({ stretched: true }))).toMatchObject({ stretched: true });
    expect(succeeded({}, stateOf({ stretched: true }))).toMatchObject({ stretched: null });
  });

  it('is due within half a minute while the refresh token lies in the rescue', () => {
    expect(succeeded({ isRescued: true }).dueAt).toBe(NOW + 30 * SECOND);
    const dead = { isRescued: true, obtainedAt: NOW - 2 * HOUR, expiresAt: NOW - HOUR };
    expect(succeeded(dead, stateOf()).dueAt).toBe(NOW);
  });
});

describe('the state after a failure', () => {
  const failure: Failure = {
    outcome: 'retry-later',
    source: 'provider',
    kind: 'unanswered',
    code: 'timeout',
    message: 'no answer',
  };
  const failed = (changes: Partial<Failure> = {}, state = stateOf(), fraction = 1) =>
    stateAfterFailure(state, { ...failure, ...changes }, KEPT, NOW, fraction, TIMING);

  it('is, in full, that of a first one', () => {
    expect(failed()).toEqual({
      ...KEPT,
      dueAt: NOW + 30 * SECOND,
      failures: 1,
      failuresByKind: { unanswered: 1 },
      failingSince: NOW,
      lastOutcome: 'retry-later',
      lastErrorKind: 'unanswered',
      lastErrorKindAt: NOW,
      lastErrorCode: 'timeout',
      lastErrorMessage: 'no answer',
      lastErrorSource: 'provider',
      lastErrorAt: NOW,
    });
  });

  const failing = stateOf({
    failures: 6,
    failuresByKind: { unanswered: 2, throttled: 4 },
    failingSince: NOW - HOUR,
    lastOutcome: 'retry-later',
    lastErrorKind: 'unanswered',
    lastErrorKindAt: NOW - 20 * MINUTE,
    lastErrorAt: NOW - 30 * MINUTE,
  });

  it('goes on where the same kind failed before, with a wait that grows by that kind alone', () => {
    expect(failed({}, failing)).toMatchObject({
      dueAt: NOW + 2 * MINUTE,
      failures: 7,
      failuresByKind: { unanswered: 3, throttled: 4 },
      failingSince: NOW - HOUR,
      lastErrorKindAt: NOW - 20 * MINUTE,
      lastErrorAt: NOW - 30 * MINUTE,
    });
  });

  it('begins a kind anew that is another one', () => {
    expect(failed({ kind: 'never-sent' }, failing)).toMatchObject({
      failuresByKind: { 'never-sent': 1 },
      failingSince: NOW - HOUR,
      lastErrorKind: 'never-sent',
      lastErrorKindAt: NOW,
      lastErrorAt: NOW - 30 * MINUTE,
    });
  });

  it('keeps what was seen last while it only waits for what that left open', () => {
    const wait = { code: 'open_attempt', message: 'not settled' } as const;
    const words = { lastErrorCode: 'html_answer', lastErrorMessage: 'a web page' };
    const seen = { ...failing, ...words };
    expect(failed(wait, seen)).toMatchObject({ ...words, lastErrorKind: 'unanswered' });
    expect(failed(wait, { ...seen, lastErrorKind: 'throttled' }).lastErrorCode).toBe('open_attempt');
    expect(failed(wait, failing).lastErrorMessage).toBe('not settled');
    const { lastErrorMessage: _, ...wordless } = seen;
    expect(failed(wait, wordless)).toMatchObject({
      lastErrorCode: 'html_answer',
      lastErrorMessage: 'not settled',
    });
    expect(failed({}, seen).lastErrorCode).toBe('timeout');
  });

  it('begins the wait for a person with the outcome that needs one', () => {
    const change = failed({ outcome: 'needs-reauthorization', kind: 'refused' }, failing);
    expect(change).toMatchObject({ lastErrorAt: NOW, dueAt: NOW + MINUTE });
  });

  it('spaces what is refused without a sure reason by how long that kind lasts', () => {
    const unsure = stateOf({
      lastErrorKind: 'unsure',
      lastErrorKindAt: NOW - HOUR,
      failingSince: NOW - 9 * HOUR,
    });
    expect(failed({ kind: 'unsure' }, unsure).dueAt).toBe(NOW + 15 * MINUTE);
  });

  it('looks on from when it began to wait', () => {
    const waiting = stateOf({ lastOutcome: 'misconfigured', lastErrorAt: NOW - 2 * HOUR });
    expect(failed({ outcome: 'misconfigured' }, waiting).dueAt).toBe(NOW + 5 * MINUTE);
  });

  it('begins now where an older state has no dates', () => {
    const old = stateOf({ lastOutcome: 'retry-later', lastErrorKind: 'unanswered' });
    expect(failed({}, old)).toMatchObject({ lastErrorAt: NOW, lastErrorKindAt: NOW, failingSince: NOW });
  });

  it('counts by the code where a failure has no kind', () => {
    const { kind: _, ...unkind } = failure;
    const change = stateAfterFailure(stateOf(), { ...unkind, code: 'lease_lost' }, KEPT, NOW, 1, TIMING);
    expect(change).toMatchObject({ failuresByKind: { lease_lost: 1 }, lastErrorKind: 'lease_lost' });
  });

  it('saves the reader in time, and is due in whole milliseconds', () => {
    const expiresAt = NOW + 100 * SECOND;
    expect(failed({}, stateOf({ expiresAt })).dueAt).toBe(NOW + 10 * SECOND);
    const unsure = stateOf({ lastErrorKind: 'unsure', lastErrorKindAt: NOW - HOUR });
    expect(failed({ kind: 'unsure' }, unsure, 2 / 7).dueAt).toBe(NOW + 578_572);
  });
});
