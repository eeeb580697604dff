import type { StoredRefreshToken, Version } from '../ports/stores.ts';
import type { RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';

type StoredVersion = Version<StoredRefreshToken>;

const WAITS_MS = [500, 1_500, 3_000];

/**
 * The refresh token that counts: the version that the state names, or, if another is current, the younger
 * of the two. `undefined` when none was ever stored.
 * @throws RefreshFailed when the named version cannot be seen and nothing younger is there: sending an
 * older token could spend one twice.
 */
export async function currentRefreshToken(run: RefreshRun): Promise<StoredVersion | undefined> {
  const { name, signal, state } = run.lease;
  const { refreshTokens } = run.ports;
  const versionId = run.ledger.refreshTokenVersionId;
  if (versionId === undefined) return refreshTokens.read(name, {}, { signal });
  const { clock } = run.ports;
  // Secrets Manager is eventually consistent: what was written seconds ago may not be there yet, and two
  // reads may contradict each other.
  for (const waitMs of [...WAITS_MS, undefined]) {
    const named = await refreshTokens.read(name, { versionId }, { signal });
    if (named?.stages.includes('AWSCURRENT')) return named;
    const current = await refreshTokens.read(name, {}, { signal });
    if (named && current && current.versionId !== versionId) return younger(named, current);
    if (!named && current && current.createdAt > (state.obtainedAt ?? 0)) return current;
    if (waitMs !== undefined) await clock.sleep(waitMs, signal);
  }
  throw new RefreshFailed({
    outcome: 'retry-later',
    source: 'store',
    code: 'refresh_token_not_visible',
    message: `version ${versionId} of the refresh token cannot be read yet, and no younger one is stored`,
  });
}

/**
 * The younger of the two, by CreatedDate. What a refresh wrote counts only as the successor of the named
 * one: anything else is a late write of a refresh that had lost its lease.
 */
function younger(named: StoredVersion, other: StoredVersion): StoredVersion {
  if (other.createdAt <= named.createdAt) return named;
  const { attempt, replaces } = other.value;
  const isStraggler = attempt !== undefined && replaces !== undefined && replaces !== named.versionId;
  return isStraggler ? named : other;
}

/**
 * Another refresh token to try after `refused` was refused: the current one if it is another by now, else
 * one that a person stored and that a refresh displaced in the same moment.
 */
export async function replacementFor(
  refused: StoredVersion,
  { lease, ports }: RefreshRun,
): Promise<StoredVersion | undefined> {
  const { name, signal } = lease;
  const { refreshTokens } = ports;
  const current = await refreshTokens.read(name, {}, { signal });
  if (current && current.versionId !== refused.versionId) {
    return current.createdAt >= refused.createdAt ? current : undefined;
  }
  const { replaces } = refused.value;
  if (replaces === undefined) return undefined;
  const previous = await refreshTokens.read(name, { stage: 'AWSPREVIOUS' }, { signal });
  const displaced =
    previous !== undefined && previous.versionId !== replaces && previous.value.attempt === undefined;
  return displaced ? previous : undefined;
}
