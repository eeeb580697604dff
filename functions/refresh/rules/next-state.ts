import type { ConnectionState, Outcome, RefreshFailure, StateChange } from '../connection-state.ts';
import type { TokenPlace } from '../ports/stores.ts';
import type { Failure } from './classify-failure.ts';
import { dueAfterFailure } from './retry-schedule.ts';
import { dueAfterRefresh, isStretched } from './schedule.ts';
import type { Timing } from './timing.ts';

/** The code of a try that only found that an earlier one is not settled yet. */
const OPEN_ATTEMPT = 'open_attempt';

/** What a refresh came to under its lease: a change to commit, and how to call it. */
export interface Conclusion {
  readonly outcome: Outcome;
  readonly change: StateChange;
  /** What to answer to who asked, where the connection itself is as it was. */
  readonly error?: RefreshFailure;
  /** The chain of grants; empty where the connection could not be resolved. */
  readonly grants?: readonly string[];
  /** HTTP status of the answer that refused, where one did. */
  readonly status?: number | undefined;
}

/** A token that was obtained and published. Instants in epoch milliseconds. */
export interface PublishedFacts {
  readonly obtainedAt: number;
  readonly expiresAt: number;
  readonly refreshTokenExpiresAt: number | undefined;
  readonly tokenVersionId: string;
  readonly tokenDigest: string;
  /** The same access token as before: what is left of its lifetime says nothing about how long such tokens live. */
  readonly isSame: boolean;
  readonly marginSeconds: number | undefined;
  readonly earliestRefreshSeconds?: number | undefined;
  readonly endsPrevious?: boolean;
  /** There is no grant but the refresh token. */
  readonly onlyRefreshed: boolean;
  readonly place: TokenPlace;
  /** How many secrets take the writes of its refreshes in turn. */
  readonly secrets: number;
  /** The new refresh token lies in the rescue. */
  readonly isRescued: boolean;
}

/** Whether it is refreshed less often than its tokens ask for. */
function isSlowed(state: ConnectionState, published: PublishedFacts, timing: Timing): boolean {
  if (published.secrets === Number.POSITIVE_INFINITY) return false;
  return published.isSame ? (state.stretched ?? false) : isStretched(published, timing);
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
    tokenDigest: published.tokenDigest,
    expiresAt: published.expiresAt,
    obtainedAt: published.obtainedAt,
    refreshTokenExpiresAt: published.refreshTokenExpiresAt ?? null,
    publishedTo: published.place === 'parameter' ? 'parameter' : null,
    onlyRefreshed: published.onlyRefreshed,
    stretched: isSlowed(state, published, timing) || null,
    generation,
    failures: 0,
    failuresByKind: null,
    failingSince: null,
    lastErrorKind: null,
    lastErrorKindAt: null,
    lastOutcome: 'refreshed',
    lastErrorCode: null,
    lastErrorMessage: null,
    lastErrorSource: null,
    lastErrorAt: null,
  };
}

/**
 * What the state becomes after a failure. `kept` as above; `fraction` is uniform in [0, 1).
 */
export function stateAfterFailure(
  state: ConnectionState,
  failure: Failure,
  kept: StateChange,
  now: number,
  fraction: number,
  timing: Timing,
): StateChange {
  const kind = failure.kind ?? failure.code;
  const ofKind = (state.failuresByKind?.[kind] ?? 0) + 1;
  const kindAt = state.lastErrorKind === kind ? (state.lastErrorKindAt ?? now) : now;
  const since = state.lastOutcome === failure.outcome ? (state.lastErrorAt ?? now) : now;
  const isWoken = state.publishedTo === 'parameter';
  const facts = { failure, failures: ofKind, kindAt, since, expiresAt: state.expiresAt, isWoken, now };
  return {
    ...kept,
    // Not a moment too soon: an instant that must be reached is.
    dueAt: Math.ceil(dueAfterFailure(facts, fraction, timing)),
    failures: state.failures + 1,
    failuresByKind: { ...state.failuresByKind, [kind]: ofKind },
    failingSince: state.failingSince ?? now,
    lastErrorKind: kind,
    lastErrorKindAt: kindAt,
    lastOutcome: failure.outcome,
    ...seen(state, failure),
    lastErrorSource: failure.source,
    lastErrorAt: since,
  };
}

/** To wait for what is open tells nothing new: what left it open is what a person should read. */
function seen(state: ConnectionState, { code, message, kind }: Failure): StateChange {
  const { lastErrorCode, lastErrorMessage, lastErrorKind } = state;
  const isWait = code === OPEN_ATTEMPT && lastErrorKind === kind && lastErrorCode !== undefined;
  if (!isWait) return { lastErrorCode: code, lastErrorMessage: message };
  return { lastErrorCode, lastErrorMessage: lastErrorMessage ?? message };
}
