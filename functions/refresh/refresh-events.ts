import type { ConnectionState } from './connection-state.ts';
import { health, isWaiting } from './health.ts';
import { warnsOfEnd } from './refresh-token-end.ts';
import type { EventDetailType, RefreshEvent } from './telling.ts';

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
