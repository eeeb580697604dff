import type { Credentials } from '../oauth/credentials.ts';
import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import { TokenError } from '../oauth/token-error.ts';
import { currentRefreshToken, replacementFor } from './current-refresh-token.ts';
import { exchange, tokenUrl } from './exchange.ts';
import { judge, RefreshFailed } from './failure.ts';
import type { Keep, Obtained } from './obtained.ts';
import type { StoredRefreshToken, Version } from './ports.ts';
import type { RefreshRun } from './refresh-run.ts';
import { STEPS } from './timing.ts';
import { proveWayBack } from './way-back.ts';

type StoredVersion = Version<StoredRefreshToken>;

/**
 * The refresh_token grant: the token that counts, its way back proved, sent once. One that is refused is
 * marked, so that it is never sent again, and replaced once if another is stored by now.
 * @throws TokenError, StoreError, RefreshFailed
 */
export async function spendRefreshToken(
  run: RefreshRun,
  credentials: Version<Credentials>,
  keep: Keep,
): Promise<Obtained> {
  const token = await currentRefreshToken(run);
  if (!token) throw unusable('no_refresh_token', 'no refresh token is stored yet');
  const { state } = run.hold;
  run.learned.refreshTokenVersionId = token.versionId;
  if (state.refusedRefreshTokenVersionId === token.versionId) {
    throw unusable(
      state.lastErrorCode ?? 'invalid_grant',
      state.lastErrorMessage ?? 'the provider refused the stored refresh token',
    );
  }
  try {
    return await spend(run, credentials, token, keep);
  } catch (error) {
    if (!isRefused(run, error)) throw error;
    run.learned.refusedRefreshTokenVersionId = token.versionId;
    const replacement = await replacementFor(token, run);
    if (!replacement || replacement.versionId === state.refusedRefreshTokenVersionId) throw error;
    return adopt(run, credentials, replacement, keep);
  }
}

/** Tries the refresh token that another writer stored, once. */
async function adopt(
  run: RefreshRun,
  credentials: Version<Credentials>,
  replacement: StoredVersion,
  keep: Keep,
): Promise<Obtained> {
  run.ports.log.info('another refresh token is stored by now; trying it once', { connection: run.hold.name });
  run.learned.refreshTokenVersionId = replacement.versionId;
  try {
    return await spend(run, credentials, replacement, keep);
  } catch (error) {
    if (isRefused(run, error)) run.learned.refusedRefreshTokenVersionId = replacement.versionId;
    throw error;
  }
}

async function spend(
  run: RefreshRun,
  credentials: Version<Credentials>,
  token: StoredVersion,
  keep: Keep,
): Promise<Obtained> {
  const send = async (): Promise<Obtained> => ({
    exchange: await exchange(run, credentials, REFRESH_TOKEN, token.value.refresh_token),
    grantType: REFRESH_TOKEN,
    spent: token,
  });
  if (run.connection.refreshToken.rotates === 'never') {
    const obtained = await send();
    await keep(obtained);
    return obtained;
  }
  return run.ports.spending(async () => {
    // Whatever else could take time comes before the proof.
    await tokenUrl(run, REFRESH_TOKEN);
    await proveWayBack(run, token);
    const obtained = await sendWithinGrace(run, send);
    await keep(obtained);
    return obtained;
  });
}

/** Sends once, and again only inside a grace that the provider documents for an answer that was lost. */
async function sendWithinGrace(run: RefreshRun, send: () => Promise<Obtained>): Promise<Obtained> {
  const { clock } = run.ports;
  const graceEndsAt = clock.now() + run.connection.refreshToken.graceSeconds * 1000;
  for (;;) {
    try {
      run.learned.attemptOpen = true;
      return await send();
    } catch (error) {
      run.learned.attemptOpen = isUnanswered(error);
      const now = clock.now();
      const inGrace = now + STEPS.exchangeMs < graceEndsAt && run.hold.endsAt - now >= STEPS.spendMs;
      if (!run.learned.attemptOpen || !inGrace) throw error;
    }
  }
}

/** The refresh token may have been spent: sent, or ended by something that does not tell. */
function isUnanswered(error: unknown): boolean {
  return error instanceof TokenError && error.kind === 'no-answer';
}

function isRefused(run: RefreshRun, error: unknown): boolean {
  if (!(error instanceof TokenError)) return false;
  return judge(error, REFRESH_TOKEN, run.hold.state.failures).outcome === 'needs-reauthorization';
}

function unusable(code: string, message: string): RefreshFailed {
  return new RefreshFailed({ outcome: 'needs-reauthorization', source: 'provider', code, message });
}
