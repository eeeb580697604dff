import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { jwtExpirySeconds } from '../../oauth/response/jwt-expiry.ts';
import type { Exchange } from '../../oauth/token-set.ts';

const DEFAULT_LIFETIME_SECONDS = 3600;

/** What is known of the token that readers have. */
export interface KnownToken {
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined;
  readonly obtainedAt?: number | undefined;
  /** The answer brought the same access token again. */
  readonly isSame: boolean;
}

/** Lifetimes that providers choose, in seconds: a thousand times one of them is one of them in milliseconds. */
const USUAL_LIFETIMES = new Set([
  300, 600, 900, 1_200, 1_800, 3_600, 5_400, 7_200, 10_800, 14_400, 21_600, 28_800, 36_000, 43_200, 86_400,
]);

/**
 * When the access token of an answer expires, in epoch milliseconds, measured from the start of the
 * request: by the response, else the preset, else the token's own `exp`, else the connection's default,
 * else one hour. Never "forever". A lifetime of zero, and the same token again with no lifetime said, are no
 * evidence of a later expiry than was known. A lifetime a thousand times the declared, the last or a usual one
 * is in milliseconds.
 */
export function accessTokenExpiresAt(
  exchange: Exchange,
  connection: ResolvedConnection,
  known: KnownToken,
): { readonly expiresAt: number; readonly isInMilliseconds: boolean } {
  const { token, requestedAt } = exchange;
  const said = token.expiresInSeconds;
  const after = (seconds: number, isInMilliseconds = false) => ({
    expiresAt: requestedAt + seconds * 1000,
    isInMilliseconds,
  });
  if (said !== undefined && said > 0) {
    const inSeconds = secondsOf(said, connection, known);
    return after(inSeconds, inSeconds !== said || token.expiresInMilliseconds === true);
  }
  const declared = connection.presetLifetimeSeconds;
  const exp = token.access_token && jwtExpirySeconds(token.access_token);
  const isNewer = exp !== undefined && exp * 1000 > requestedAt;
  const tells = said === undefined && !known.isSame;
  if (declared !== undefined && tells) return after(declared);
  if (isNewer) return { expiresAt: exp * 1000, isInMilliseconds: false };
  if (!tells && known.expiresAt !== undefined) {
    return { expiresAt: known.expiresAt, isInMilliseconds: false };
  }
  return after(declared ?? connection.defaultLifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS);
}

function secondsOf(said: number, connection: ResolvedConnection, known: KnownToken): number {
  const thousandth = Math.floor(said / 1000);
  const { expiresAt, obtainedAt } = known;
  const last =
    expiresAt === undefined || obtainedAt === undefined
      ? undefined
      : Math.round((expiresAt - obtainedAt) / 1000);
  const declared = connection.presetLifetimeSeconds ?? connection.defaultLifetimeSeconds;
  const isDeclared = thousandth > 0 && (thousandth === declared || thousandth === last);
  const isUsual = said % 1000 === 0 && USUAL_LIFETIMES.has(thousandth) && said !== declared && said !== last;
  return isDeclared || isUsual ? thousandth : said;
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
