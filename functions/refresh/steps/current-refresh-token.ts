import type { ConnectionState } from '../connection-state.ts';
import type { RefreshTokenVersion } from '../ports/stores.ts';
import type { RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';
import { bringRescueHome, persistRescued } from './bring-rescue-home.ts';
import { recoverOpenAttempt } from './recover-open-attempt.ts';

const WAITS_MS = [500, 1_500, 3_000];
/** Secrets Manager keeps no more versions of a secret than this, but for those of the last day. */
const MOST_ANCESTORS = 100;
/** Secrets Manager is consistent within seconds; a version that is not there after this was deleted. */
const SEEN_WITHIN_MS = 600_000;
const NOT_VISIBLE = 'refresh_token_not_visible';

/**
 * The refresh token that counts. The secrets are the truth and the state is a memory of it: what an attempt or
 * a rescue left behind is brought in first; then the version that the state names counts, or the one that is
 * current, where that descends from it or was stored after it. `undefined` when none was ever stored.
 * @throws RefreshFailed when the named version cannot be seen and nothing that follows it is there: sending an
 *   older token could spend one twice. After ten minutes it is gone, and what is current counts. StoreError
 */
export async function currentRefreshToken(run: RefreshRun): Promise<RefreshTokenVersion | undefined> {
  await recoverOpenAttempt(run);
  await bringRescueHome(run);
  const { name, signal, state } = run.lease;
  const { refreshTokens, clock } = run.ports;
  const versionId = run.ledger.refreshTokenVersionId;
  if (versionId === undefined) return refreshTokens.read(name, {}, { signal });
  // Secrets Manager is eventually consistent: what was written seconds ago may not be there yet, and two
  // reads may contradict each other.
  for (const waitMs of [...WAITS_MS, undefined]) {
    const named = await refreshTokens.read(name, { versionId }, { signal });
    if (named?.stages.includes('AWSCURRENT')) return named;
    const current = await refreshTokens.read(name, {}, { signal, known: versionId });
    if (named && current && current.versionId !== versionId) {
      return (await follows(current, named, run)) ? current : named;
    }
    if (!named && current && current.createdAt > (state.obtainedAt ?? 0)) return current;
    if (!named && isGone(state, clock.now())) return current;
    if (waitMs !== undefined) await clock.sleep(waitMs, signal);
  }
  throw new RefreshFailed({
    outcome: 'retry-later',
    source: 'store',
    code: NOT_VISIBLE,
    message: `version ${versionId} of the refresh token cannot be read yet, and no younger one is stored`,
  });
}

/** Whether it has not been there for so long that it never will be: what is current is all there is. */
function isGone({ lastErrorCode, lastErrorKindAt }: ConnectionState, now: number): boolean {
  return lastErrorCode === NOT_VISIBLE && now - (lastErrorKindAt ?? now) > SEEN_WITHIN_MS;
}

/**
 * Whether `current` comes after `named`: it descends from it by `replaces`, or from a token that somebody stored
 * later. A late write of a refresh that had lost its lease does neither: it replaced what `named` replaced.
 */
async function follows(
  current: RefreshTokenVersion,
  named: RefreshTokenVersion,
  { lease, ports }: RefreshRun,
): Promise<boolean> {
  let youngest = current;
  for (let ancestors = 0; ancestors < MOST_ANCESTORS; ancestors += 1) {
    const { replaces } = youngest.value;
    if (replaces === named.versionId) return true;
    const parent =
      replaces === undefined
        ? undefined
        : await ports.refreshTokens.read(lease.name, { versionId: replaces }, { signal: lease.signal });
    // The line ends with a token that somebody stored, or is no longer kept.
    if (parent === undefined) return youngest.createdAt > named.createdAt;
    if (parent.createdAt <= named.createdAt) return false;
    youngest = parent;
  }
  return true;
}

/**
 * Another refresh token to try after `refused` was refused: the current one if it is another by now, else a
 * rescue, else one that a refresh displaced in the same moment. What a person brought in place of all that was
 * is not given up for what was.
 * @throws StoreError
 */
export async function replacementFor(
  refused: RefreshTokenVersion,
  run: RefreshRun,
): Promise<RefreshTokenVersion | undefined> {
  const { name, signal } = run.lease;
  const { refreshTokens, rescues } = run.ports;
  const known = refused.versionId;
  const current = await refreshTokens.read(name, {}, { signal, known });
  if (current && current.versionId !== refused.versionId && current.createdAt >= refused.createdAt) {
    return current;
  }
  if (await rescues.mayExist(name, { signal })) {
    const rescued = await persistRescued(run);
    if (rescued) return rescued;
  }
  if (refused.value.attempt === undefined) return undefined;
  const previous = await refreshTokens.read(name, { stage: 'AWSPREVIOUS' }, { signal, known });
  const isAncestor = previous?.versionId === refused.value.replaces;
  return isAncestor || previous?.versionId === refused.versionId ? undefined : previous;
}
