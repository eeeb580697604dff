import {
  type RescuedRefreshToken,
  type StoredRefreshToken,
  StoreError,
  type Version,
} from '../ports/stores.ts';
import type { RefreshRun } from '../refresh-run.ts';

/**
 * Persists a refresh token that an earlier refresh could only rescue, where it follows on what is current. The
 * rescue itself is enough to lead here: a state that was restored or made anew may know nothing of it. It is
 * deleted only when its token, or one that descends from it, is persisted.
 * @throws StoreError
 */
export async function bringRescueHome(run: RefreshRun): Promise<void> {
  const { lease, ledger, ports } = run;
  const { name, signal } = lease;
  const isOpen = ledger.inherited !== undefined;
  if (!isOpen && !(await ports.rescues.mayExist(name, { signal }))) return;
  let rescued: RescuedRefreshToken | undefined;
  try {
    rescued = await ports.rescues.get(name, { signal });
  } catch (error) {
    // Where nothing points at a rescue, an outage of its store must not stop a refresh.
    if (isOpen || !(error instanceof StoreError)) throw error;
    ports.log.warn('it is not known whether there is a rescue', { connection: name, code: error.code });
  }
  if (rescued === undefined) return;
  if (await ports.refreshTokens.read(name, { versionId: rescued.attempt }, { signal })) {
    // A write that was given up took effect after its rescue was written.
    await ports.rescues.delete(name, { signal });
    return;
  }
  const current = await ports.refreshTokens.read(name, {}, { signal });
  const follows = current === undefined || current.versionId === rescued.replaces;
  if (follows) await persistRescued(run);
}

/**
 * Makes the rescued refresh token the current one, whatever is: for when what is current was refused.
 * `undefined` when there is none. @throws StoreError
 */
export async function persistRescued({
  lease,
  ledger,
  ports,
}: RefreshRun): Promise<Version<StoredRefreshToken> | undefined> {
  const { name, signal } = lease;
  const rescued = await ports.rescues.get(name, { signal });
  if (rescued === undefined) return undefined;
  await ports.refreshTokens.put(name, rescued.token, rescued.attempt, { signal });
  ledger.recovered(rescued.attempt, ports.clock.now());
  await ports.rescues.delete(name, { signal });
  ports.log.info('a rescued refresh token was persisted', { connection: name });
  return ports.refreshTokens.read(name, { versionId: rescued.attempt }, { signal });
}
