import type { ConnectionState } from './connection-state.ts';
import { refreshEvents } from './refresh-events.ts';
import type { RefreshPorts } from './refresh-run.ts';
import type { Settlement } from './settlement.ts';

/** Step 8. What was only looked at, and not tried, is not told. */
export function tell(
  before: ConnectionState,
  after: ConnectionState,
  { change, grants = [] }: Settlement,
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
