import { type RefreshTokenVersion, StoreError, type TokenPlace } from '../ports/stores.ts';
import type { Grant, ProvenWrite, RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';
import { memberOf, type SuccessorPlace, successorPlace } from '../rules/ring.ts';
import { STEPS } from '../rules/timing.ts';
import { tokenUrl, writeDownSend } from './exchange-grant.ts';

/** A rescue must fit an advanced parameter of 8 KB, with room for what surrounds the token. */
const RESCUE_BYTES = 6 * 1024;

/**
 * Proves, before a refresh token is spent, that its successor can be stored: time enough, room in the version
 * quota, a size that the rescue takes, and the permission and key to write, by writing what is current where it
 * goes again under its own id, which creates nothing. The turn to write is had here too, so that nothing stands
 * between the answer and its persisting. A grant that spends nothing is only kept within the quota.
 * @returns what the write of the successor needs
 * @throws RefreshFailed or StoreError; nothing has been spent then.
 */
export async function proveWritable(run: RefreshRun, grant: Grant): Promise<ProvenWrite | undefined> {
  const { refreshToken: token } = grant;
  const { connection, lease, ledger, ports } = run;
  const place = placeOfLast(run);
  if (place === 'secret' && !ledger.versions.mayPublish(ports.clock.now())) throw quotaReached(run, 'token');
  if (!grant.spends || token === undefined) return undefined;
  // Whatever else could take time comes before the proof.
  await tokenUrl(run, grant.type, grant.credentials.value);
  const { member, members } = await placeOfSuccessor(run, token, place);
  await writeDownSend(run, token.versionId, member);
  const { unpublished, tokenVersionId } = lease.state;
  if (unpublished && tokenVersionId) {
    await ports.tokens.prove(connection, tokenVersionId, { place, signal: lease.signal });
  }
  // For the proof, and for the successor.
  const turn = await ports.refreshTokens.turn(2, lease);
  const now = ports.clock.now();
  requireTime(run);
  if (!ledger.versions.mayWrite(now, member)) throw quotaReached(run, 'refresh token', member);
  const size = token.value.refresh_token.byteLength;
  if (size > RESCUE_BYTES) {
    throw new RefreshFailed({
      outcome: 'misconfigured',
      source: 'store',
      code: 'refresh_token_too_large',
      message: `the refresh token has ${size} bytes; more than ${RESCUE_BYTES} cannot be rescued when storing its successor fails`,
    });
  }
  const { signal } = lease;
  const proof = { signal, turn, successor: ledger.attempt };
  const stages = await ports.refreshTokens.prove(lease.name, token, proof);
  const replaced = token.stages.includes('AWSCURRENT') && stages.length > 0 && !stages.includes('AWSCURRENT');
  if (replaced) {
    throw unspent('refresh_token_replaced', 'another refresh token was stored in this moment', now);
  }
  // The proof may have taken long itself.
  requireTime(run);
  return { turn, members };
}

/**
 * Where the successor goes, and how large the ring is from then on. A ring grows one refresh ahead of its use; where
 * the further secret cannot be made, it stays as it is.
 */
async function placeOfSuccessor(
  run: RefreshRun,
  { value, versionId, writable = [0] }: RefreshTokenVersion,
  place: TokenPlace,
): Promise<SuccessorPlace> {
  const { lease, ledger, ports } = run;
  // A refresh stored it of which the state does not know: it is that of an earlier hour, or made anew.
  if (value.attempt !== undefined && versionId !== lease.state.refreshTokenVersionId) {
    await countVersions(run, writable);
  }
  const now = ports.clock.now();
  const facts = {
    writable,
    own: memberOf(versionId),
    members: Math.max(value.ring ?? 1, ledger.versions.members),
    mayGrow: place === 'parameter',
    writesOf: (member: number) => ledger.versions.writesOf(member, now),
  };
  const found = successorPlace(facts);
  if (!found.isGrowing) return found;
  try {
    await ports.refreshTokens.extend(lease.name, found.members - 1, lease);
    ports.log.info('a further secret takes its turn in holding the refresh token', {
      connection: lease.name,
      secrets: found.members,
    });
    return found;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    ports.log.error('a further secret for the refresh token could not be made', {
      connection: lease.name,
      code: error.code,
      reason: error.message,
    });
    return successorPlace({ ...facts, mayGrow: false });
  }
}

/** Counts the versions of secrets anew. Never throws for what a store does: the count alone would be missing. */
async function countVersions(
  { lease, ledger, ports }: RefreshRun,
  members: readonly number[],
): Promise<void> {
  for (const member of members) {
    try {
      ledger.versions.recounted(member, await ports.refreshTokens.madeAt(lease.name, member, lease));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const { code } = error;
      ports.log.warn('the versions of a secret could not be counted', { connection: lease.name, code });
    }
  }
}

/** Where the next token goes, as far as it is known before it comes. */
function placeOfLast({ connection, lease }: RefreshRun): TokenPlace {
  if (connection.token !== undefined) return 'secret';
  return connection.publishTo ?? lease.state.publishedTo ?? 'secret';
}

function quotaReached({ ledger, ports }: RefreshRun, of: string, member = 0): RefreshFailed {
  return unspent(
    'version_quota',
    `the secret of the ${of} was written 90 times in a day, as often as Secrets Manager safely takes`,
    ledger.versions.nextWriteAt(ports.clock.now(), member),
  );
}

function requireTime({ lease, ports }: RefreshRun): void {
  const now = ports.clock.now();
  const left = lease.endsAt - now;
  if (left >= STEPS.spendMs) return;
  throw unspent(
    'too_little_time',
    `only ${Math.floor(left / 1000)} s are left to spend and store a refresh token; 75 s are needed`,
    now,
  );
}

function unspent(code: string, message: string, retryAt: number): RefreshFailed {
  return new RefreshFailed({ outcome: 'retry-later', source: 'store', code, message, retryAt });
}
