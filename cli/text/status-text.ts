import { credentialsName } from '../../functions/connections/connection.ts';
import { asciiUrl } from '../../functions/connections/endpoint-url.ts';
import type { ConnectionState, RefreshFailure } from '../../functions/refresh/connection-state.ts';
import { inertStart } from '../../functions/text/inert.ts';
import type { ConnectionStatus } from '../connections/connection-status.ts';
import { HEALTH_STYLES, type Paint } from './colour.ts';
import { durationText, untilText } from './duration.ts';
import { type Column, countText, type Pair, pairsText, type TableOptions, tableText } from './table.ts';

/** All connections in a table, and below it what is the matter with each and what to do. `now` in epoch ms. */
export function statusTable(all: readonly ConnectionStatus[], now: number, options: TableOptions): string {
  if (all.length === 0) return 'No connection is registered yet.';
  const columns: readonly Column<ConnectionStatus>[] = [
    { title: 'connection', text: ({ connection }) => connection },
    { title: 'health', text: ({ health }) => health, style: ({ health }) => HEALTH_STYLES[health] },
    { title: 'expires in', text: ({ expiresAt }) => untilText(instant(expiresAt), now, 'expired') },
    {
      title: 'next refresh',
      text: ({ nextDueAt }) => untilText(instant(nextDueAt), now, 'due'),
      dispensable: 0,
    },
    { title: 'last outcome', text: ({ lastOutcome }) => lastOutcome ?? '-', dispensable: 1 },
  ];
  const troubles = all.flatMap((each) => troublesOf(each, now, options.paint));
  const places = all.flatMap((each) => newPlaceOf(each) ?? []);
  return [
    tableText(columns, all, options),
    ...troubles,
    ...(places.length > 0 ? [places.join('\n')] : []),
    summary(all),
  ].join('\n\n');
}

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
  return [
    pairsText(pairs, paint),
    ...troublesOf(status, now, paint),
    ...(newOrigin === null ? [] : [troubleText(connection, newOrigin, undefined, now, paint)]),
  ].join('\n\n');
}

function troublesOf(status: ConnectionStatus, now: number, paint: Paint): string[] {
  const { connection, error, misfit, failingSince, need } = status;
  const trouble = need ?? error;
  const since = need?.since ?? failingSince;
  return [
    ...(trouble === null ? [] : [troubleText(connection, trouble, instant(since), now, paint)]),
    ...(misfit === null ? [] : [troubleText(connection, misfit, undefined, now, paint)]),
  ];
}

/** A line for each new destination of credentials; the status of the connection says what to do. */
function newPlaceOf({ connection, newOrigin, credentialsSentTo }: ConnectionStatus): string | undefined {
  if (newOrigin === null) return undefined;
  const place = inertStart(credentialsSentTo ?? '-');
  return `New: the credentials of ${inertStart(connection)} go to ${place}, and nothing forbids another place: evertoken status ${inertStart(connection)}`;
}

/** What is the matter, in the words of whoever said no, and what to do about it. */
export function troubleText(
  connection: string,
  { code, message, remedy }: RefreshFailure,
  since: number | undefined,
  now: number,
  paint: Paint,
): string {
  const age = since === undefined ? '' : `, for ${durationText(Math.max(0, now - since))}`;
  const name = paint('bold', inertStart(connection));
  return `${name}: ${inertStart(code)}${age}\n  ${inertStart(message)}\n  To do: ${inertStart(remedy)}`;
}

function summary(all: readonly ConnectionStatus[]): string {
  const waiting = all.filter(({ need }) => need !== null).length;
  const total = countText(all.length, 'connection');
  if (waiting === 0) return `${total}; none needs a human.`;
  return `${total}; ${waiting} ${waiting === 1 ? 'needs' : 'need'} a human.`;
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
