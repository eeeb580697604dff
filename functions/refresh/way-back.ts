import { RefreshFailed } from './failure.ts';
import type { StoredRefreshToken, Version } from './ports.ts';
import type { RefreshRun } from './refresh-run.ts';
import { STEPS } from './timing.ts';
import { mayWrite, nextWriteAt } from './write-quota.ts';

/** A rescue must fit an advanced parameter of 8 KB, with room for what surrounds the token. */
const RESCUE_BYTES = 6 * 1024;

/**
 * Proves, before a refresh token is spent, that its successor can be stored: time enough, room in the
 * version quota, a size that the rescue takes, and the permission and key to write, by writing the
 * current version again under its own id, which creates nothing.
 * @throws RefreshFailed or StoreError; nothing has been spent then.
 */
export async function proveWayBack(run: RefreshRun, token: Version<StoredRefreshToken>): Promise<void> {
  const { hold, ports } = run;
  const { timing } = ports;
  const now = ports.clock.now();
  requireTime(run);
  if (!mayWrite(hold.state.writesByHour, now, timing)) {
    throw unspent(
      'version_quota',
      'the secret of the refresh token was written 90 times in a day, as often as Secrets Manager safely takes',
      nextWriteAt(hold.state.writesByHour, now, timing),
    );
  }
  const size = token.value.refresh_token.byteLength;
  if (size > RESCUE_BYTES) {
    throw new RefreshFailed({
      outcome: 'misconfigured',
      source: 'store',
      code: 'refresh_token_too_large',
      message: `the refresh token has ${size} bytes; more than ${RESCUE_BYTES} cannot be rescued when storing its successor fails`,
    });
  }
  const stages = await ports.refreshTokens.prove(hold.name, token, hold);
  const replaced = token.stages.includes('AWSCURRENT') && stages.length > 0 && !stages.includes('AWSCURRENT');
  if (replaced) {
    throw unspent('refresh_token_replaced', 'another refresh token was stored in this moment', now);
  }
  // The proof may have taken long itself.
  requireTime(run);
}

function requireTime({ hold, ports }: RefreshRun): void {
  const now = ports.clock.now();
  const left = hold.endsAt - now;
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
