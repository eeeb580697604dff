import type { TokenPlace, WriteTurn } from '../ports/stores.ts';
import type { Grant, RefreshRun } from '../refresh-run.ts';
import { RefreshFailed } from '../rules/classify-failure.ts';
import { STEPS } from '../rules/timing.ts';
import { tokenUrl, writeDownSend } from './exchange-grant.ts';

/** A rescue must fit an advanced parameter of 8 KB, with room for what surrounds the token. */
const RESCUE_BYTES = 6 * 1024;

/**
 * Proves, before a refresh token is spent, that its successor can be stored: time enough, room in the version
 * quota, a size that the rescue takes, and the permission and key to write, by writing the current version
 * again under its own id, which creates nothing. The turn to write is had here too, so that nothing stands
 * between the answer and its persisting. A grant that spends nothing is only kept within the quota.
 * @returns the turn, for the write of the successor
 * @throws RefreshFailed or StoreError; nothing has been spent then.
 */
export async function proveWritable(run: RefreshRun, grant: Grant): Promise<WriteTurn | undefined> {
  const { refreshToken: token } = grant;
  const { connection, lease, ledger, ports } = run;
  const place = placeOfLast(run);
  if (place === 'secret' && !ledger.versions.mayPublish(ports.clock.now())) throw quotaReached(run, 'token');
  if (!grant.spends || token === undefined) return undefined;
  // Whatever else could take time comes before the proof.
  await tokenUrl(run, grant.type, grant.credentials.value);
  await writeDownSend(run, token.versionId);
  const { unpublished, tokenVersionId } = lease.state;
  if (unpublished && tokenVersionId) {
    await ports.tokens.prove(connection, tokenVersionId, { place, signal: lease.signal });
  }
  // For the proof, and for the successor.
  const turn = await ports.refreshTokens.turn(2, lease);
  const now = ports.clock.now();
  requireTime(run);
  if (!ledger.versions.mayWrite(now)) throw quotaReached(run, 'refresh token');
  const size = token.value.refresh_token.byteLength;
  if (size > RESCUE_BYTES) {
    throw new RefreshFailed({
      outcome: 'misconfigured',
      source: 'store',
      code: 'refresh_token_too_large',
      message: `the refresh token has ${size} bytes; more than ${RESCUE_BYTES} cannot be rescued when storing its successor fails`,
    });
  }
  const stages = await ports.refreshTokens.prove(lease.name, token, { signal: lease.signal, turn });
  const replaced = token.stages.includes('AWSCURRENT') && stages.length > 0 && !stages.includes('AWSCURRENT');
  if (replaced) {
    throw unspent('refresh_token_replaced', 'another refresh token was stored in this moment', now);
  }
  // The proof may have taken long itself.
  requireTime(run);
  return turn;
}

/** Where the next token goes, as far as it is known before it comes. */
function placeOfLast({ connection, lease }: RefreshRun): TokenPlace {
  if (connection.token !== undefined) return 'secret';
  return connection.publishTo ?? lease.state.publishedTo ?? 'secret';
}

function quotaReached({ ledger, ports }: RefreshRun, of: string): RefreshFailed {
  return unspent(
    'version_quota',
    `the secret of the ${of} was written 90 times in a day, as often as Secrets Manager safely takes`,
    ledger.versions.nextWriteAt(ports.clock.now()),
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
