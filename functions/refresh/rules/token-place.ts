import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import type { ConnectionState } from '../connection-state.ts';
import type { TokenPlace } from '../ports/stores.ts';
import { isStretched, type RefreshFacts } from './schedule.ts';
import type { Timing } from './timing.ts';

/** What of a published token decides where the next ones go. */
type Facts = Pick<RefreshFacts, 'obtainedAt' | 'expiresAt' | 'isSame'>;

/**
 * Where a token goes: where the connection says; else where the last one went, once it was moved; else into a
 * parameter if tokens of this lifetime are written more often than a secret bears. Only a person moves it back. A
 * secret of one's own has one place, and a refresh token that rotates is written as often as the token, so that
 * moving the token alone would help nobody.
 */
export function tokenPlace(
  connection: ResolvedConnection,
  { publishedTo }: Pick<ConnectionState, 'publishedTo'>,
  facts: Facts,
  timing: Timing,
): TokenPlace {
  if (connection.token !== undefined) return 'secret';
  if (connection.publishTo !== undefined) return connection.publishTo;
  if (publishedTo !== undefined || facts.isSame || rotates(connection)) return publishedTo ?? 'secret';
  const { marginSeconds, accessToken } = connection;
  const { earliestRefreshSeconds } = accessToken;
  return isStretched({ ...facts, marginSeconds, earliestRefreshSeconds }, timing) ? 'parameter' : 'secret';
}

/** Whether each refresh may write a refresh token too, which is always a secret. */
export function rotates({
  grants,
  refreshToken,
}: Pick<ResolvedConnection, 'grants' | 'refreshToken'>): boolean {
  return grants.includes(REFRESH_TOKEN) && refreshToken.rotates !== 'never';
}
