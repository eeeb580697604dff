import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { ConnectionState } from '../connection-state.ts';
import type { HeldLease, RefreshPorts } from '../refresh-run.ts';
import { isWaiting } from '../rules/health.ts';
import type { Conclusion } from '../rules/next-state.ts';
import { nextLookAt, remindsBetween } from '../rules/schedule.ts';
import { refreshEvent } from './announce.ts';

/** A client secret that was just changed may take a while to be known everywhere at the provider. */
const REAL_TRIES = 3;

/**
 * Whether a connection that waits for a person still has nothing new to try: neither its credentials nor
 * its refresh token were replaced. Looks at version ids only; no secret is read.
 * @throws StoreError
 */
export async function stillWaiting(
  connection: ResolvedConnection,
  { state, name, signal }: HeldLease,
  ports: RefreshPorts,
): Promise<boolean> {
  if (!isWaiting(state.lastOutcome)) return false;
  // What AWS refuses heals without a change of these secrets; what the declaration says is read anyway.
  if (state.lastErrorSource !== 'provider' && state.lastOutcome !== 'awaiting-credentials') return false;
  if (state.lastOutcome === 'misconfigured' && state.failures < REAL_TRIES) return false;
  const credentials = await ports.credentials.currentVersionId(connection.credentials, { signal });
  if (credentials !== state.credentialsVersionId) return false;
  if (!connection.grants.includes(REFRESH_TOKEN)) return true;
  const refreshToken = await ports.refreshTokens.currentVersionId(name, { signal });
  return (
    refreshToken === undefined ||
    refreshToken === (state.refusedRefreshTokenVersionId ?? state.refreshTokenVersionId)
  );
}

/** A connection that still waits for the same person: the next look moves, and a reminder may be due. */
export function lookAgain(state: ConnectionState, ledger: AttemptLedger, ports: RefreshPorts): Conclusion {
  const { clock, events, timing } = ports;
  const now = clock.now();
  const since = state.lastErrorAt ?? now;
  const dueAt = nextLookAt(since, now, timing);
  if (remindsBetween(since, state.dueAt, dueAt, timing)) {
    events.add(refreshEvent('Connection Needs Attention', state, now));
  }
  return { outcome: state.lastOutcome ?? 'retry-later', change: { ...ledger.toChange(), dueAt } };
}
