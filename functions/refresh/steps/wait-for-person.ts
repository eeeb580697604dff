import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import { PASSWORD, REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { ConnectionState } from '../connection-state.ts';
import type { HeldLease, RefreshPorts } from '../refresh-run.ts';
import { isWaiting } from '../rules/health.ts';
import type { Conclusion } from '../rules/next-state.ts';
import { circumstances, refusedUntil } from '../rules/refusal.ts';
import { nextLookAt, refreshTokenTryAt } from '../rules/retry-schedule.ts';
import type { Timing } from '../rules/timing.ts';
import { credentialsVersionId } from './identity-credentials.ts';

/**
 * Whether a connection that waits for a person still has nothing to try: none of its grants is to be tried
 * again by itself yet, and neither its credentials nor its refresh token were replaced. Looks at version ids
 * only; no secret is read.
 * @throws StoreError
 */
export async function stillWaiting(
  connection: ResolvedConnection,
  { state, name, signal }: HeldLease,
  ports: RefreshPorts,
): Promise<boolean> {
  if (!isWaiting(state.lastOutcome)) return false;
  if (nextTryAt(connection.grants, state, ports.timing) <= ports.clock.now()) return false;
  const credentials = await credentialsVersionId(connection, ports.credentials, { signal });
  if (credentials !== state.credentialsVersionId) return false;
  if (state.lastOutcome === 'awaiting-credentials' || !connection.grants.includes(REFRESH_TOKEN)) return true;
  const known = state.refreshTokenVersionId;
  const refreshToken = await ports.refreshTokens.currentVersionId(name, { signal, known });
  return (
    refreshToken === undefined ||
    refreshToken === state.refreshTokenVersionId ||
    refreshToken === state.refusedRefreshTokenVersionId
  );
}

/** A connection that still waits for the same person: the next look moves. */
export function lookAgain(
  { grants }: ResolvedConnection,
  { state }: HeldLease,
  ledger: AttemptLedger,
  { clock, timing }: Pick<RefreshPorts, 'clock' | 'timing'>,
): Conclusion {
  const now = clock.now();
  const since = state.lastErrorAt ?? now;
  const tryAt = nextTryAt(grants, state, timing);
  const lookAt = nextLookAt(since, now, timing);
  // The soonest looks are early enough for any try; between others, a try that has its own time comes then.
  const isSoon = lookAt - now <= (timing.waiting[0]?.everyMs ?? 0);
  const dueAt = Math.ceil(isSoon ? lookAt : Math.min(lookAt, Math.max(now, tryAt)));
  return { outcome: state.lastOutcome ?? 'retry-later', change: { ...ledger.toChange(), dueAt } };
}

/** When one of the grants is really tried again although nothing has changed. Epoch milliseconds. */
function nextTryAt(grants: readonly string[], state: ConnectionState, timing: Timing): number {
  // Without a value there is nothing to try with. What AWS refuses heals without a change of the secrets, and
  // what the declaration says is read anyway.
  if (state.lastOutcome === 'awaiting-credentials') return Number.POSITIVE_INFINITY;
  if (state.lastErrorSource !== 'provider') return 0;
  return Math.min(...grants.map((grant) => grantTryAt(grant, state, timing)));
}

function grantTryAt(grant: string, state: ConnectionState, timing: Timing): number {
  if (grant === PASSWORD) return (state.exchangedAt ?? 0) + timing.passwordEveryMs;
  // What spends nothing and locks nobody out is tried at each look.
  if (grant !== REFRESH_TOKEN) return 0;
  const { refreshTokenVersionId: versionId } = state;
  if (versionId === undefined || state.lastErrorCode === 'no_refresh_token') return Number.POSITIVE_INFINITY;
  const under = circumstances(state.definition, state.credentialsVersionId);
  return refusedUntil(state, versionId, under, timing) ?? refreshTokenTryAt(state, timing);
}
