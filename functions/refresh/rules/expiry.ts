import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { jwtExpirySeconds } from '../../oauth/response/jwt-expiry.ts';
import type { Exchange } from '../../oauth/token-set.ts';

const DEFAULT_LIFETIME_SECONDS = 3600;

/**
 * When the access token of an answer expires, in epoch milliseconds, measured from the start of the
 * request: by the response, else the preset, else the token's own `exp`, else the connection's default,
 * else one hour. Never "forever".
 */
export function accessTokenExpiresAt(exchange: Exchange, connection: ResolvedConnection): number {
  const { token, requestedAt } = exchange;
  const seconds = token.expiresInSeconds ?? connection.presetLifetimeSeconds;
  if (seconds !== undefined) return requestedAt + seconds * 1000;
  const exp = jwtExpirySeconds(token.access_token);
  if (exp !== undefined && exp * 1000 > requestedAt) return exp * 1000;
  return requestedAt + (connection.defaultLifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS) * 1000;
}

/**
 * When the refresh token dies unless it is used or replaced, in epoch milliseconds; `undefined` when
 * nothing is known. `before` is the end known of the token that was spent: a fixed end stays where it is,
 * since refreshing does not move it.
 */
export function refreshTokenExpiresAt(
  exchange: Exchange,
  connection: ResolvedConnection,
  grantType: string,
  before: number | undefined,
): number | undefined {
  const { token, requestedAt } = exchange;
  const rules = connection.refreshToken;
  const refreshToken = token.refresh_token;
  if (token.refreshTokenExpiresInSeconds !== undefined) {
    return requestedAt + token.refreshTokenExpiresInSeconds * 1000;
  }
  if (refreshToken !== undefined && rules.jwtExpiry) {
    const exp = jwtExpirySeconds(refreshToken);
    if (exp !== undefined) return exp * 1000;
  }
  const refreshed = grantType === REFRESH_TOKEN;
  const fixedEnd =
    rules.lifetimeSeconds === undefined
      ? undefined
      : refreshed && before !== undefined
        ? before
        : requestedAt + rules.lifetimeSeconds * 1000;
  const inactiveEnd =
    rules.inactivitySeconds === undefined ? undefined : requestedAt + rules.inactivitySeconds * 1000;
  const ends = [fixedEnd, inactiveEnd].filter((end) => end !== undefined);
  if (ends.length > 0) return Math.min(...ends);
  return refreshed && refreshToken === undefined ? before : undefined;
}
