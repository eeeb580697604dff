import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import type { RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';
import { STEPS } from '../rules/timing.ts';

/**
 * Settles what an earlier refresh left open, then opens an attempt of this refresh's own.
 * @throws RefreshFailed while the earlier exchange may still take effect, StoreError
 */
export async function openOwnAttempt(run: RefreshRun): Promise<void> {
  const { lease, ports, ledger, connection } = run;
  const { inherited } = ledger;
  if (inherited === undefined) return;
  if (!connection.grants.includes(REFRESH_TOKEN)) {
    ledger.forgone();
    return;
  }
  await recoverOpenAttempt(run, inherited.attempt, inherited.attemptAt);
  const attempt = ports.random.uuid();
  const opening = { attempt, now: ports.clock.now(), refreshTokenVersionId: ledger.refreshTokenVersionId };
  if (!(await ports.state.openAttempt(lease.name, lease.owner, opening, lease))) {
    throw new RefreshFailed({
      outcome: 'retry-later',
      source: 'store',
      code: 'lease_lost',
      message: 'the lease was lost before anything was sent',
    });
  }
  ledger.opened(attempt);
}

/**
 * Settles an attempt that an earlier refresh left open, as far as it can be: its refresh token may have
 * been persisted, may lie in the rescue, or may be lost with the answer. Returns when a refresh may go
 * on; the stored token may then be sent once.
 * @throws RefreshFailed while the exchange may still take effect.
 */
async function recoverOpenAttempt(run: RefreshRun, attempt: string, attemptAt: number): Promise<void> {
  const { lease, ports } = run;
  const { name, signal } = lease;
  const persisted = await ports.refreshTokens.read(name, { versionId: attempt }, { signal });
  if (persisted) {
    // The state as if the cut-off refresh had committed its refresh token.
    run.ledger.recovered(attempt, attemptAt);
    // A write that was given up may have taken effect after its rescue was written.
    await ports.rescues.delete(name, { signal });
    return;
  }
  if (await restoreRescue(run, attempt)) return;
  const current = await ports.refreshTokens.read(name, {}, { signal });
  if (current && current.createdAt > attemptAt) return;
  const { graceSeconds } = run.connection.refreshToken;
  const now = ports.clock.now();
  if (now < attemptAt + graceSeconds * 1000) return;
  const settledAt = attemptAt + STEPS.openAttemptMs;
  if (now >= settledAt) return;
  throw new RefreshFailed({
    outcome: 'retry-later',
    source: 'provider',
    code: 'open_attempt',
    message:
      'an exchange ended without an answer; until it can no longer take effect, its refresh token is not sent again',
    retryAt: settledAt,
  });
}

/**
 * Brings a rescued refresh token home, or drops one that has been overtaken. `true` when that settles the
 * attempt; what another attempt left behind was brought home before and says nothing.
 */
async function restoreRescue(run: RefreshRun, attempt: string): Promise<boolean> {
  const { lease, ports, ledger } = run;
  const { name, signal } = lease;
  const rescued = await ports.rescues.get(name, { signal });
  if (!rescued) return false;
  const isOurs = rescued.attempt === attempt;
  if (isOurs && !(await isOvertaken(rescued.replaces, run))) {
    await ports.refreshTokens.put(name, rescued.token, attempt, { signal });
    ledger.recovered(attempt, ports.clock.now());
    ports.log.info('a rescued refresh token was persisted', { connection: name });
  }
  await ports.rescues.delete(name, { signal });
  return isOurs;
}

/** A person stored another one since; what a refresh wrote carries its attempt. */
async function isOvertaken(replaces: string | undefined, { lease, ports }: RefreshRun): Promise<boolean> {
  const current = await ports.refreshTokens.read(lease.name, {}, { signal: lease.signal });
  return current !== undefined && current.versionId !== replaces && current.value.attempt === undefined;
}
