import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import type { ConnectionState } from '../connection-state.ts';
import type { EventDetailType, RefreshEvent } from '../ports/outside.ts';
import type { RefreshPorts } from '../refresh-run.ts';
import { health, isWaiting } from '../rules/health.ts';
import type { Conclusion } from '../rules/next-state.ts';

/** Tells the world what a refresh came to. What was only looked at, and not tried, is not told. */
export function announce(
  before: ConnectionState,
  after: ConnectionState,
  { change, grants = [] }: Conclusion,
  ports: RefreshPorts,
): void {
  if (change.lastOutcome === undefined) return;
  const { events, metrics, log, clock } = ports;
  for (const event of refreshEvents(before, after, grants, clock.now())) events.add(event);
  if (after.lastOutcome === 'refreshed') {
    metrics.count('TokensRefreshed');
    if (before.expiresAt !== undefined && before.expiresAt <= clock.now()) metrics.count('RefreshesLate');
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

/** Remaining lifetimes come in whole seconds, so that the same end is never quite the same. */
const SAME_MS = 60_000;

/** What the world should hear of a change of state. `grants`: the chain; `now` in epoch milliseconds. */
export function refreshEvents(
  before: ConnectionState,
  after: ConnectionState,
  grants: readonly string[],
  now: number,
): RefreshEvent[] {
  const details: EventDetailType[] = [];
  if (after.lastOutcome === 'refreshed') {
    details.push('Token Refreshed');
    if (before.lastOutcome !== undefined && before.lastOutcome !== 'refreshed')
      details.push('Connection Recovered');
    if (
      endStays(before, after) &&
      warnsOfEnd(after.refreshTokenExpiresAt, grants, before.obtainedAt ?? 0, now)
    ) {
      details.push('Refresh Token Expiring');
    }
  } else {
    details.push('Refresh Failed');
    if (isWaiting(after.lastOutcome) && after.lastOutcome !== before.lastOutcome) {
      details.push('Connection Needs Attention');
    }
  }
  return details.map((detailType) => refreshEvent(detailType, after, now));
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
  };
}

const DAY_MS = 24 * 3_600_000;
/** How far ahead a person hears of an end that only signing in again can move. */
const WARN_DAYS = 14;

/**
 * Whether to warn now that a refresh token ends: from 14 days ahead, once a day, and only where no other
 * grant would take its place. `lookedAt` is when this was asked last; instants in epoch milliseconds.
 */
export function warnsOfEnd(
  end: number | undefined,
  grants: readonly string[],
  lookedAt: number,
  now: number,
): boolean {
  if (end === undefined || grants.some((grant) => grant !== REFRESH_TOKEN)) return false;
  const daysLeft = Math.ceil((end - now) / DAY_MS);
  return daysLeft <= WARN_DAYS && daysLeft < Math.ceil((end - lookedAt) / DAY_MS);
}
