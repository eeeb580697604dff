import { credentialsName } from '../../functions/connections/connection-labels.ts';
import { asciiUrl } from '../../functions/connections/endpoint-url.ts';
import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import type { ConnectionStatus } from '../connections/connection-status.ts';
import { HEALTH_STYLES, type Paint } from './colour.ts';
import { untilText } from './duration.ts';
import { type Pair, pairsText } from './table.ts';
import { groupText, groupTroubles, troublesOf } from './trouble-groups.ts';

/** One connection with all that is known of it. */
export function statusDetail(
  status: ConnectionStatus,
  { definition }: Pick<ConnectionState, 'definition'>,
  now: number,
  paint: Paint,
): string {
  const { provider, issuer, tokenUrl, grants, declaredBy } = definition;
  const pairs: Pair[] = [
    ['connection', status.connection],
    ['health', status.health, HEALTH_STYLES[status.health]],
    ['expires in', withInstant(status.expiresAt, now, 'expired')],
    ['next refresh', withInstant(status.nextDueAt, now, 'due')],
    ['last outcome', status.lastOutcome ?? '-'],
    ['obtained', status.obtainedAt ?? '-'],
    ['refreshes', String(status.refreshes)],
    ['token in', status.publishedTo],
    ['refresh token', refreshTokenText(status, now)],
    ['provider', provider ?? asciiUrl(tokenUrl ?? issuer ?? '-')],
    ['credentials', credentialsName(definition)],
    ['sent to', status.credentialsSentTo ?? '-'],
    ['grants', grants?.join(', ') ?? "the provider's"],
    ['declared by', declaredBy === 'cli' ? 'the evertoken command' : 'CDK'],
  ];
  const { connection, newOrigin } = status;
  const place = newOrigin && { ...newOrigin, connection, since: undefined, needed: false };
  const groups = groupTroubles([...troublesOf(status), ...(place ? [place] : [])]);
  return [pairsText(pairs, paint), ...groups.map((group) => groupText(group, now, paint))].join('\n\n');
}

function refreshTokenText({ refreshTokenExpiresAt }: ConnectionStatus, now: number): string {
  if (refreshTokenExpiresAt === null) return 'no known end';
  return `ends in ${withInstant(refreshTokenExpiresAt, now, 'no time: it has ended')}`;
}

function withInstant(at: string | null, now: number, passed: string): string {
  return at === null ? '-' : `${untilText(instant(at), now, passed)} (${at})`;
}

function instant(at: string | null): number | undefined {
  return at === null ? undefined : Date.parse(at);
}
