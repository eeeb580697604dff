import type { ConnectionState } from './connection-state.ts';
import { health, isWaiting } from './health.ts';
import type { EventDetailType, RefreshEvent } from './ports.ts';

/** What the world should hear of a change of state. `now` in epoch milliseconds. */
export function refreshEvents(before: ConnectionState, after: ConnectionState, now: number): RefreshEvent[] {
  const details: EventDetailType[] = [];
  if (after.lastOutcome === 'refreshed') {
    details.push('Token Refreshed');
    if (before.lastOutcome !== undefined && before.lastOutcome !== 'refreshed')
      details.push('Connection Recovered');
  } else {
    details.push('Refresh Failed');
    if (isWaiting(after.lastOutcome) && after.lastOutcome !== before.lastOutcome) {
      details.push('Connection Needs Attention');
    }
  }
  return details.map((detailType) => refreshEvent(detailType, after, now));
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
