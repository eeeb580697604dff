import { REFRESH_TOKEN } from '../oauth/grant-type.ts';
import { insist } from './insist.ts';
import { refreshTokenExpiresAt } from './lifetime.ts';
import type { Obtained } from './obtained.ts';
import { persistRefreshToken } from './persist-refresh-token.ts';
import type { StoredRefreshToken } from './ports.ts';
import type { RefreshRun } from './refresh-run.ts';
import { STEPS } from './timing.ts';
import { countWrite, mayWrite } from './write-quota.ts';

/**
 * Keeps the refresh token that an answer brought. An omitted one keeps the old one (RFC 6749 section 6), as
 * does the same one again. One that took the place of a spent token is insisted on; one that came with
 * another grant can be had again, and must not hold up the access token.
 */
export async function keepRefreshToken(
  run: RefreshRun,
  obtained: Obtained,
): Promise<'persisted' | 'rescued' | 'lost' | 'unchanged'> {
  const { connection, learned } = run;
  const { token, requestedAt } = obtained.exchange;
  const { spent, grantType } = obtained;
  const usable =
    connection.grants.includes(REFRESH_TOKEN) && !connection.refreshToken.notFromGrants.includes(grantType);
  if (!token.refresh_token || !usable || token.refresh_token.equals(spent?.value.refresh_token)) {
    // Until here an answer was in hand that might have replaced what was spent.
    learned.attemptOpen = false;
    return 'unchanged';
  }
  const { attempt } = learned;
  const endsAt = refreshTokenEnd(run, obtained);
  const stored: StoredRefreshToken = {
    refresh_token: token.refresh_token,
    obtained_at: Math.floor(requestedAt / 1000),
    ...(endsAt !== undefined && { expires_at: Math.floor(endsAt / 1000) }),
    attempt,
    ...(spent && { replaces: spent.versionId }),
    ...(spent?.value.unknown && { unknown: spent.value.unknown }),
  };
  if (spent) return persistRefreshToken(run, stored, attempt);
  return (await storeMinted(run, stored, attempt)) ? 'persisted' : 'unchanged';
}

/** When the refresh token that is stored after this exchange dies, epoch milliseconds. */
export function refreshTokenEnd({ connection, hold }: RefreshRun, obtained: Obtained): number | undefined {
  const { spent } = obtained;
  const storedEnd = spent?.value.expires_at === undefined ? undefined : spent.value.expires_at * 1000;
  const knownEnd =
    spent?.versionId === hold.state.refreshTokenVersionId ? hold.state.refreshTokenExpiresAt : undefined;
  return refreshTokenExpiresAt(obtained.exchange, connection, obtained.grantType, storedEnd ?? knownEnd);
}

async function storeMinted(run: RefreshRun, token: StoredRefreshToken, attempt: string): Promise<boolean> {
  const { hold, ports, learned } = run;
  const now = ports.clock.now();
  if (!mayWrite(hold.state.writesByHour, now, ports.timing)) return false;
  learned.writesByHour = countWrite(hold.state.writesByHour, now, ports.timing);
  const failure = await insist(
    ports,
    { until: now + STEPS.exchangeMs, signal: hold.signal },
    async (options) => {
      await ports.refreshTokens.put(hold.name, token, attempt, options);
    },
  );
  if (failure) {
    ports.log.warn('the refresh token of a new grant could not be stored; the grant can be repeated', {
      connection: hold.name,
      code: failure.code,
    });
    return false;
  }
  learned.refreshTokenVersionId = attempt;
  learned.refusedRefreshTokenVersionId = undefined;
  return true;
}
