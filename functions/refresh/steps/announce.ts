import { credentialsName } from '../../connections/connection.ts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import { applyChange, type ConnectionState, type StateChange } from '../connection-state.ts';
import type { EventDetailType, RefreshEvent } from '../ports/outside.ts';

import type { RefreshPorts } from '../refresh-run.ts';
import { health, isWaiting } from '../rules/health.ts';
import type { Conclusion } from '../rules/next-state.ts';
import { warnsOfEnd } from '../rules/refresh-token-end.ts';

/** Remaining lifetimes come in whole seconds, so that the same end is never quite the same. */
const SAME_MS = 60_000;
/** A notice that nobody has confirmed is told again so much later. */
const TELL_AGAIN_MS = 60_000;

/** What a person must hear even if the process that would tell is killed. */
const NOTICES: ReadonlySet<EventDetailType> = new Set([
  'Connection Needs Attention',
  'Connection Recovered',
  'Refresh Token Expiring',
  'Credentials Sent To New Origin',
]);

/**
 * The change to commit, with the notices in it: until they are told, the connection is due within a minute, so
 * that the next tick tells what this process could not.
 * @param now epoch milliseconds
 */
export function withNotices(before: ConnectionState, conclusion: Conclusion, now: number): StateChange {
  const { change, grants = [] } = conclusion;
  const after = applyChange(before, change);
  const news = change.lastOutcome === undefined ? [] : detailTypesOf(before, after, grants, now);
  const untold = [...new Set([...(before.untold ?? []), ...news.filter((type) => NOTICES.has(type))])];
  if (untold.length === 0) return change;
  const dueAfterTold = change.dueAfterTold ?? change.dueAt ?? before.dueAfterTold ?? before.dueAt;
  return { ...change, untold, dueAfterTold, dueAt: Math.min(dueAfterTold, now + TELL_AGAIN_MS) };
}

/** A connection that is due only because its notices may not have been told; `undefined` for any other. */
export function tellAgain(
  state: ConnectionState,
  ledger: AttemptLedger,
  now: number,
): Conclusion | undefined {
  const { untold, dueAfterTold } = state;
  if (untold === undefined || dueAfterTold === undefined || dueAfterTold <= now) return undefined;
  return { outcome: state.lastOutcome ?? 'fresh', change: { ...ledger.toChange(), dueAfterTold } };
}

/** Tells the world what a refresh came to. What was only looked at, and not tried, is not told. */
export function announce(
  before: ConnectionState,
  after: ConnectionState,
  { change, grants = [] }: Conclusion,
  ports: RefreshPorts,
): void {
  const { events, metrics, log, clock, state } = ports;
  const now = clock.now();
  const news = change.lastOutcome === undefined ? [] : detailTypesOf(before, after, grants, now);
  const { untold = [], dueAfterTold } = after;
  const confirm = dueAfterTold === undefined ? undefined : () => state.told(after.name, dueAfterTold);
  for (const detailType of new Set([...news, ...(untold as EventDetailType[])])) {
    events.add(refreshEvent(detailType, after, now), untold.includes(detailType) ? confirm : undefined);
  }
  if (change.lastOutcome === undefined) return;
  if (after.lastOutcome === 'refreshed') {
    metrics.count('TokensRefreshed');
    if (before.expiresAt !== undefined && before.expiresAt <= now) metrics.count('RefreshesLate');
    log.info('token refreshed', { connection: after.name, expiresAt: after.expiresAt, dueAt: after.dueAt });
  } else {
    metrics.count('RefreshesFailed');
    log.warn('refresh failed', {
      connection: after.name,
      outcome: after.lastOutcome,
      code: after.lastErrorCode,
      reason: after.lastErrorMessage,
      dueAt: after.dueAt,
    });
  }
}

/** What the world should hear of a change of state. `grants`: the chain; `now` in epoch milliseconds. */
function detailTypesOf(
  before: ConnectionState,
  after: ConnectionState,
  grants: readonly string[],
  now: number,
): EventDetailType[] {
  const places = isNewPlace(before, after) ? (['Credentials Sent To New Origin'] as const) : [];
  if (after.lastOutcome === 'refreshed') {
    const hasFailed = before.lastOutcome !== undefined && before.lastOutcome !== 'refreshed';
    const ends =
      endStays(before, after) && warnsOfEnd(after.refreshTokenExpiresAt, grants, before.obtainedAt ?? 0, now);
    return [
      'Token Refreshed',
      ...(hasFailed ? (['Connection Recovered'] as const) : []),
      ...(before.publishedTo !== after.publishedTo ? (['Token Moved'] as const) : []),
      ...(ends ? (['Refresh Token Expiring'] as const) : []),
      ...places,
    ];
  }
  const isNews = isWaiting(after.lastOutcome) && after.lastOutcome !== before.lastOutcome;
  const needsAttention = isNews || isUnansweredAgain(before, after);
  return ['Refresh Failed', ...(needsAttention ? (['Connection Needs Attention'] as const) : []), ...places];
}

/** The same refresh token was left without an answer a second time: somebody should look at the provider. */
function isUnansweredAgain(before: ConnectionState, after: ConnectionState): boolean {
  return (after.unansweredSends ?? 1) === 2 && (before.unansweredSends ?? 1) < 2;
}

/** Credentials that nothing binds to a place went to one for the first time. */
function isNewPlace(before: ConnectionState, after: ConnectionState): boolean {
  const { credentialsSentToSince: since } = after;
  return since !== undefined && since !== before.credentialsSentToSince;
}

/** Refreshing did not move the end of the refresh token. */
function endStays(before: ConnectionState, after: ConnectionState): boolean {
  const { refreshTokenExpiresAt: end } = after;
  return (
    end !== undefined &&
    before.refreshTokenExpiresAt !== undefined &&
    end <= before.refreshTokenExpiresAt + SAME_MS
  );
}

/** One event about a connection as it stands. */
export function refreshEvent(detailType: EventDetailType, state: ConnectionState, now: number): RefreshEvent {
  return {
    detailType,
    connection: state.name,
    outcome: state.lastOutcome ?? 'retry-later',
    health: health(state, now),
    code: state.lastErrorCode ?? null,
    expiresAt: state.expiresAt === undefined ? null : new Date(state.expiresAt).toISOString(),
    ...(detailType === 'Credentials Sent To New Origin' && {
      credentials: credentialsName(state.definition),
      origin: state.credentialsSentTo ?? '',
    }),
  };
}
