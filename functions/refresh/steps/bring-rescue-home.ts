import { isFull, type RefreshTokenVersion, type RescuedRefreshToken, StoreError } from '../ports/stores.ts';
import type { RefreshRun } from '../refresh-run.ts';
import { memberOf, placedIn, successorPlace } from '../rules/ring.ts';

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
  const known = rescued.replaces;
  const current = await ports.refreshTokens.read(name, {}, { signal, known });
  if (current?.value.attempt === rescued.attempt) {
    // It is there under another id, since its own secret was full.
    await ports.rescues.delete(name, { signal });
    return;
  }
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
}: RefreshRun): Promise<RefreshTokenVersion | undefined> {
  const { name, signal } = lease;
  const rescued = await ports.rescues.get(name, { signal });
  if (rescued === undefined) return undefined;
  const versionId = await putRescued(rescued, { lease, ledger, ports });
  ledger.recovered(versionId, ports.clock.now());
  await ports.rescues.delete(name, { signal });
  ports.log.info('a rescued refresh token was persisted', { connection: name });
  return ports.refreshTokens.read(name, { versionId }, { signal });
}

/**
 * Puts it where its attempt says; where that secret of a ring is full, which is an answer for sure, into another
 * under an id of its own. @throws StoreError
 */
async function putRescued(
  { token, attempt, replaces: known }: RescuedRefreshToken,
  { lease, ledger, ports }: Pick<RefreshRun, 'lease' | 'ledger' | 'ports'>,
): Promise<string> {
  const { name, signal } = lease;
  const own = memberOf(attempt);
  const now = ports.clock.now();
  const put = async (versionId: string): Promise<string> => {
    await ports.refreshTokens.put(name, token, versionId, { signal });
    return versionId;
  };
  try {
    return await put(attempt);
  } catch (error) {
    if (!isFull(error)) throw error;
    const current = await ports.refreshTokens.read(name, {}, { signal, known });
    const others = current?.writable?.filter((member) => member !== own) ?? [];
    if (others.length === 0) throw error;
    const writesOf = (member: number) => ledger.versions.writesOf(member, now);
    const { member } = successorPlace({ writable: others, own, members: 1, mayGrow: false, writesOf });
    return put(placedIn(member, ports.random.uuid()));
  }
}
