import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import type { ConnectionState } from '../connection-state.ts';
import type { TokenPlace } from '../ports/stores.ts';
import { MOST_MEMBERS } from './ring.ts';
import { isStretched, type RefreshFacts } from './schedule.ts';
import type { Timing } from './timing.ts';

/** What of a published token decides where the next ones go. */
type Facts = Pick<RefreshFacts, 'obtainedAt' | 'expiresAt' | 'isSame'>;

/**
 * Where a token goes: where the connection says; else where the last one went, once it was moved; else into a
 * parameter if tokens of this lifetime are written more often than a secret bears. Only a person moves it back. A
 * secret of one's own has one place.
 */
export function tokenPlace(
  connection: ResolvedConnection,
  { publishedTo }: Pick<ConnectionState, 'publishedTo'>,
  facts: Facts,
  timing: Timing,
): TokenPlace {
  if (connection.token !== undefined) return 'secret';
  if (connection.publishTo !== undefined) return connection.publishTo;
  if (publishedTo !== undefined || facts.isSame) return publishedTo ?? 'secret';
  const { marginSeconds, accessToken } = connection;
  const { earliestRefreshSeconds } = accessToken;
  return isStretched({ ...facts, marginSeconds, earliestRefreshSeconds }, timing) ? 'parameter' : 'secret';
}

/**
 * How many secrets take the writes of refreshes in turn, whose versions are counted: the token's own; else, since a
 * refresh token that rotates is always kept in secrets, the ring of those; else none is written.
 */
export function secretsInTurn(
  { grants, refreshToken }: Pick<ResolvedConnection, 'grants' | 'refreshToken'>,
  place: TokenPlace,
): number {
  if (place === 'secret') return 1;
  return grants.includes(REFRESH_TOKEN) && refreshToken.rotates !== 'never' ? MOST_MEMBERS : Infinity;
}
