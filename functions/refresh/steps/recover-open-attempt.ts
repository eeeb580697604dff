import type { StoredRefreshToken, Version } from '../ports/stores.ts';
import type { RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';
import { STEPS, type Timing } from '../rules/timing.ts';

/** An exchange may leave so long after its lease was taken, and still have its 75 s. */
const LATEST_SEND_MS = STEPS.leaseMs - STEPS.sentBeforeEndMs;
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Finds what an exchange brought that an earlier refresh was cut off from: a version with the attempt's id.
 * Whether a rescue holds it is looked up by `bringRescueHome`.
 * @throws StoreError
 */
export async function recoverOpenAttempt({ lease, ledger, ports }: RefreshRun): Promise<void> {
  const { inherited } = ledger;
  if (inherited === undefined) return;
  const which = { versionId: inherited.attempt };
  const persisted = await ports.refreshTokens.read(lease.name, which, { signal: lease.signal });
  if (persisted) ledger.recovered(inherited.attempt, inherited.at);
}

/**
 * Lets a refresh token pass that may be sent although an earlier attempt is open: another one than was sent,
 * or the same after the wait that an exchange without an answer demands. It doubles with each send, since
 * each may still take effect, and since a provider that never answers may be down.
 * @throws RefreshFailed while the earlier exchange may still take effect
 */
export function requireSettled(run: RefreshRun, token: Version<StoredRefreshToken>): void {
  const { ledger, connection, ports } = run;
  const { inherited } = ledger;
  if (inherited === undefined) return;
  if (inherited.versionId !== token.versionId) {
    ledger.overtaken();
    return;
  }
  const now = ports.clock.now();
  const { graceSeconds } = connection.refreshToken;
  // A process that was killed could note only until when it would have sent.
  const earliest = inherited.at - LATEST_SEND_MS;
  if (inherited.sends === 1 && now < earliest + graceSeconds * 1000) return;
  const settledAt = inherited.at + unansweredWaitMs(inherited.sends, ports.timing);
  if (now >= settledAt) return;
  throw new RefreshFailed({
    outcome: 'retry-later',
    source: 'provider',
    kind: 'unanswered',
    code: 'open_attempt',
    message:
      'an exchange ended without an answer; until it can no longer take effect, its refresh token is not sent again',
    retryAt: settledAt,
  });
}

/** How long after a send without an answer the same refresh token is not sent again, by how many there were. */
export function unansweredWaitMs(sends: number, { unansweredMs }: Timing): number {
  return Math.min(LONGEST_WAIT_MS, unansweredMs * 2 ** Math.min(sends - 1, 10));
}
