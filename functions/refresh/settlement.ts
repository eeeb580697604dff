import type { ConnectionState, StateChange } from './connection-state.ts';
import type { Failure } from './failure.ts';
import { isWaiting } from './health.ts';
import type { Outcome } from './outcome.ts';
import { dueAfterRefresh, nextLookAt, retryDelayMs } from './refresh-policy.ts';
import type { Learned } from './refresh-run.ts';
import type { Timing } from './timing.ts';

/** What became of a refresh under its lease: a change to commit, and how to call it. */
export interface Settlement {
  readonly outcome: Outcome;
  readonly change: StateChange;
  /** The chain of grants; empty where the connection could not be resolved. */
  readonly grants?: readonly string[];
}

/** A token that was obtained and published. Instants in epoch milliseconds. */
export interface Published {
  readonly obtainedAt: number;
  readonly expiresAt: number;
  readonly refreshTokenExpiresAt: number | undefined;
  readonly tokenVersionId: string;
  readonly marginSeconds: number | undefined;
  /** The new refresh token lies in the rescue: come back soon to bring it home. */
  readonly rescued: boolean;
}

/** What the state becomes after a token was published. */
export function settleSuccess(
  state: ConnectionState,
  published: Published,
  learned: Learned,
  now: number,
  timing: Timing,
): StateChange {
  const generation = state.generation + 1;
  const due = dueAfterRefresh(
    { ...published, name: state.name, generation, now, previousExpiresAt: state.expiresAt },
    timing,
  );
  return {
    ...keep(learned),
    dueAt: published.rescued ? Math.min(due, now + timing.retryFirstMs) : due,
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

/** What the state becomes after a failure. `fraction` is uniform in [0, 1). */
export function settleFailure(
  state: ConnectionState,
  failure: Failure,
  learned: Learned,
  now: number,
  fraction: number,
  timing: Timing,
): StateChange {
  const failures = state.failures + 1;
  const since = state.lastOutcome === failure.outcome ? (state.lastErrorAt ?? now) : now;
  return {
    ...keep(learned),
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

function keep(learned: Learned): StateChange {
  return {
    ...(!learned.attemptOpen && { attempt: null, attemptAt: null }),
    ...('credentialsVersionId' in learned && { credentialsVersionId: learned.credentialsVersionId ?? null }),
    ...('refreshTokenVersionId' in learned && {
      refreshTokenVersionId: learned.refreshTokenVersionId ?? null,
    }),
    ...('refusedRefreshTokenVersionId' in learned && {
      refusedRefreshTokenVersionId: learned.refusedRefreshTokenVersionId ?? null,
    }),
    ...(learned.writesByHour !== undefined && { writesByHour: learned.writesByHour }),
  };
}
