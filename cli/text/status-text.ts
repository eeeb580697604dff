import type { ConnectionState, RefreshFailure } from '../../functions/refresh/connection-state.ts';
import { type Health, isWaiting } from '../../functions/refresh/rules/health.ts';
import type { ConnectionStatus } from '../connections/connection-status.ts';
import type { Paint, Style } from './colour.ts';
import { durationText, untilText } from './duration.ts';
import { countText, pairsText, tableText } from './table.ts';

const STYLES: Readonly<Record<Health, Style>> = {
  healthy: 'green',
  retrying: 'yellow',
  paused: 'yellow',
  'awaiting-credentials': 'red',
  misconfigured: 'red',
  'needs-reauthorization': 'red',
};

export function healthText(health: Health, paint: Paint): string {
  return paint(STYLES[health], health);
}

/** All connections in a table, and below it what is the matter with each and what to do. `now` in epoch ms. */
export function statusTable(all: readonly ConnectionStatus[], now: number, paint: Paint): string {
  if (all.length === 0) return 'No connection is registered yet.';
  const head = ['connection', 'health', 'expires in', 'next refresh', 'last outcome'];
  const rows = all.map((each) => [
    each.connection,
    healthText(each.health, paint),
    untilText(instant(each.expiresAt), now, 'expired'),
    untilText(instant(each.nextDueAt), now, 'due'),
    each.lastOutcome ?? '-',
  ]);
  const table = tableText(
    head.map((title) => paint('dim', title)),
    rows,
  );
  const troubles = all.flatMap(({ connection, error, failingSince }) =>
    error === null ? [] : [troubleText(connection, error, instant(failingSince), now, paint)],
  );
  return [table, ...troubles, summary(all)].join('\n\n');
}

/** One connection with all that is known of it. */
export function statusDetail(
  status: ConnectionStatus,
  { definition }: Pick<ConnectionState, 'definition'>,
  now: number,
  paint: Paint,
): string {
  const { credentials, provider, issuer, tokenUrl, grants, declaredBy } = definition;
  const pairs: (readonly [string, string])[] = [
    ['connection', status.connection],
    ['health', healthText(status.health, paint)],
    ['expires in', withInstant(status.expiresAt, now, 'expired')],
    ['next refresh', withInstant(status.nextDueAt, now, 'due')],
    ['last outcome', status.lastOutcome ?? '-'],
    ['obtained', status.obtainedAt ?? '-'],
    ['refreshes', String(status.refreshes)],
    ['refresh token', refreshTokenText(status, now)],
    ['provider', provider ?? tokenUrl ?? issuer ?? '-'],
    ['credentials', typeof credentials === 'string' ? credentials : credentials.secretArn],
    ['grants', grants?.join(', ') ?? "the provider's"],
    ['declared by', declaredBy === 'cli' ? 'the evertoken command' : 'CDK'],
  ];
  const { error } = status;
  const text = pairsText(pairs);
  if (error === null) return text;
  return `${text}\n\n${troubleText(status.connection, error, instant(status.failingSince), now, paint)}`;
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
  return `${paint('bold', connection)}: ${code}${age}\n  ${message}\n  To do: ${remedy}`;
}

function summary(all: readonly ConnectionStatus[]): string {
  const waiting = all.filter(({ health }) => isWaiting(health)).length;
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
