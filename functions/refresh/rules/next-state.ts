import type { ConnectionState, Outcome, StateChange } from '../connection-state.ts';
import type { Failure } from './classify-failure.ts';
import { isWaiting } from './health.ts';
import { dueAfterRefresh, nextLookAt, retryDelayMs } from './schedule.ts';
import type { Timing } from './timing.ts';

/** What a refresh came to under its lease: a change to commit, and how to call it. */
export interface Conclusion {
  readonly outcome: Outcome;
  readonly change: StateChange;
  /** The chain of grants; empty where the connection could not be resolved. */
  readonly grants?: readonly string[];
}

/** A token that was obtained and published. Instants in epoch milliseconds. */
export interface PublishedFacts {
  readonly obtainedAt: number;
  readonly expiresAt: number;
  readonly refreshTokenExpiresAt: number | undefined;
  readonly tokenVersionId: string;
  readonly marginSeconds: number | undefined;
  /** The new refresh token lies in the rescue. */
  readonly isRescued: boolean;
}

/** What the state becomes after a token was published. `kept`: what the refresh did up to then. */
export function stateAfterSuccess(
  state: ConnectionState,
  published: PublishedFacts,
  kept: StateChange,
  now: number,
  timing: Timing,
): StateChange {
  const generation = state.generation + 1;
  const due = dueAfterRefresh(
    { ...published, name: state.name, generation, now, previousExpiresAt: state.expiresAt },
    timing,
  );
  return {
    ...kept,
    // A refresh token in the rescue is brought home soon.
    dueAt: published.isRescued ? Math.min(due, now + timing.retryFirstMs) : due,
    tokenVersionId: published.tokenVersionId,
    expiresAt: published.expiresAt,
    obtainedAt: published.obtainedAt,
    refreshTokenExpiresAt: published.refreshTokenExpiresAt ?? null,
    generation,
    failures: 0,
    lastOutcome: 'refreshed',
    lastErrorCode: null,
    lastErrorMessage: null,
    lastErrorSource: null,
    lastErrorAt: null,
  };
}

/** What the state becomes after a failure. `kept` as above; `fraction` is uniform in [0, 1). */
export function stateAfterFailure(
  state: ConnectionState,
  failure: Failure,
  kept: StateChange,
  now: number,
  fraction: number,
  timing: Timing,
): StateChange {
  const failures = state.failures + 1;
  const since = state.lastOutcome === failure.outcome ? (state.lastErrorAt ?? now) : now;
  return {
    ...kept,
    dueAt: Math.round(dueAfterFailure(failure, failures, since, now, fraction, timing)),
    failures,
    lastOutcome: failure.outcome,
    lastErrorCode: failure.code,
    lastErrorMessage: failure.message,
    lastErrorSource: failure.source,
    lastErrorAt: since,
  };
}

function dueAfterFailure(
  failure: Failure,
  failures: number,
  since: number,
  now: number,
  fraction: number,
  timing: Timing,
): number {
  if (failure.retryAt !== undefined) return Math.max(now, failure.retryAt);
  const retryAt =
    now +
    retryDelayMs(
      { failures, retryAfterMs: failure.retryAfterMs, outage: failure.outage ?? false },
      fraction,
      timing,
    );
  if (!isWaiting(failure.outcome)) return retryAt;
  const lookAt = nextLookAt(since, now, timing);
  // A store that refuses is asked again for real, which may spend something: not every minute.
  return failure.source === 'store' ? Math.max(lookAt, retryAt) : lookAt;
}
