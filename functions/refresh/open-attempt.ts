import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import { RefreshFailed } from './failure.ts';
import type { RefreshRun } from './refresh-run.ts';
import { STEPS } from './timing.ts';
import { countWrite } from './write-quota.ts';

/** Settles what an earlier refresh left open, then opens an attempt of this refresh's own. */
export async function openOwnAttempt(run: RefreshRun): Promise<void> {
  const { hold, ports, learned, connection } = run;
  const { attempt: open, attemptAt } = hold.state;
  if (open === learned.attempt) return;
  if (open === undefined || !connection.grants.includes(REFRESH_TOKEN)) {
    // Nothing that this connection spends any more could be lost with it.
    learned.attemptOpen = false;
    return;
  }
  learned.attemptOpen = true;
  await settleOpenAttempt(run, open, attemptAt ?? 0);
  const own = ports.random.uuid();
  const { refreshTokenVersionId } = learned;
  const opening = { attempt: own, now: ports.clock.now(), refreshTokenVersionId };
  if (!(await ports.state.openAttempt(hold.name, hold.owner, opening, hold))) {
    throw new RefreshFailed({
      outcome: 'retry-later',
      source: 'store',
      code: 'lease_lost',
      message: 'the lease was lost before anything was sent',
    });
  }
  learned.attempt = own;
  learned.attemptOpen = false;
}

/**
 * Settles an attempt that an earlier refresh left open, as far as it can be: its refresh token may have
 * been persisted, may lie in the rescue, or may be lost with the answer. Returns when a refresh may go
 * on; the stored token may then be sent once.
 * @throws RefreshFailed while the exchange may still take effect.
 */
async function settleOpenAttempt(run: RefreshRun, attempt: string, attemptAt: number): Promise<void> {
  const { hold, ports } = run;
  const { name, signal } = hold;
  const persisted = await ports.refreshTokens.read(name, { versionId: attempt }, { signal });
  if (persisted) {
    adoptVersion(run, attempt, attemptAt);
    // A write that was given up may have taken effect after its rescue was written.
    await ports.rescues.delete(name, { signal });
    return;
  }
  if (await settleRescue(run, attempt)) return;
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

/** The state as if the cut-off refresh had committed its refresh token. */
function adoptVersion(run: RefreshRun, attempt: string, attemptAt: number): void {
  const { learned, hold, ports } = run;
  if (hold.state.refreshTokenVersionId === attempt) return;
  learned.refreshTokenVersionId = attempt;
  learned.writesByHour = countWrite(hold.state.writesByHour, attemptAt, ports.timing);
}

/**
 * Brings a rescued refresh token home, or drops one that has been overtaken. `true` when that settles the
 * attempt; what another attempt left behind was brought home before and says nothing.
 */
async function settleRescue(run: RefreshRun, attempt: string): Promise<boolean> {
  const { hold, ports, learned } = run;
  const { name, signal } = hold;
  const rescued = await ports.rescues.get(name, { signal });
  if (!rescued) return false;
  const isOurs = rescued.attempt === attempt;
  if (isOurs && !(await isOvertaken(rescued.replaces, run))) {
    await ports.refreshTokens.put(name, rescued.token, attempt, { signal });
    learned.refreshTokenVersionId = attempt;
    learned.writesByHour = countWrite(hold.state.writesByHour, ports.clock.now(), ports.timing);
    ports.log.info('a rescued refresh token was persisted', { connection: name });
  }
  await ports.rescues.delete(name, { signal });
  return isOurs;
}

/** A person stored another one since; what a refresh wrote carries its attempt. */
async function isOvertaken(replaces: string | undefined, { hold, ports }: RefreshRun): Promise<boolean> {
  const current = await ports.refreshTokens.read(hold.name, {}, { signal: hold.signal });
  return current !== undefined && current.versionId !== replaces && current.value.attempt === undefined;
}
