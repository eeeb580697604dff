import { HEALTHS } from '../../functions/refresh/rules/health.ts';
import { inertStart } from '../../functions/text/inert.ts';
import { thousands } from '../../functions/text/thousands.ts';
import type { ConnectionStatus } from '../connections/connection-status.ts';
import { HEALTH_STYLES } from './colour.ts';
import { untilText } from './duration.ts';
import type { ListParts } from './fit-screen.ts';
import { type Column, countText, type TableOptions, tableText } from './table.ts';
import { groupText, groupTroubles, namesText, troublesOf } from './trouble-groups.ts';

/** What a list says that is about no connection alone. */
export interface StatusListOptions extends TableOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** How many are registered. */
  readonly registered: number;
  /** What there is to say of the deployment, each with its remedy. */
  readonly notices: readonly string[];
  /** What there is to say of the ticks. */
  readonly pulse: string;
}

/**
 * Connections in a table, what needs a person first; below it what is the matter and what to do, once for all that
 * have the same trouble; last how many stand in which way.
 */
export function statusList(all: readonly ConnectionStatus[], options: StatusListOptions): ListParts {
  const { now, paint, registered, notices, pulse } = options;
  const ticks = pulse === '' ? [] : [pulse];
  if (registered === 0) {
    return { table: [], blocks: notices, last: [...ticks, 'No connection is registered yet.'] };
  }
  const sorted = all.toSorted(byNeed);
  const troubles = groupTroubles(sorted.flatMap(troublesOf));
  const places = newPlaces(sorted);
  return {
    table: sorted.length === 0 ? [] : tableText(columnsAt(now), sorted, options).split('\n'),
    blocks: [
      ...troubles.map((group) => groupText(group, now, paint)),
      ...(places.length > 0 ? [places.join('\n')] : []),
      ...notices,
    ],
    last: [...ticks, summaryText(all, registered)],
    elsewhere: 'without --watch all are shown',
  };
}

function columnsAt(now: number): readonly Column<ConnectionStatus>[] {
  return [
    { title: 'connection', text: ({ connection }) => connection, least: 12 },
    {
      title: 'health',
      text: ({ health }) => health,
      style: ({ health, need }) => (need === null ? HEALTH_STYLES[health] : 'red'),
      least: 8,
    },
    { title: 'expires in', text: ({ expiresAt }) => untilText(instant(expiresAt), now, 'expired') },
    {
      title: 'next refresh',
      text: ({ nextDueAt }) => untilText(instant(nextDueAt), now, 'due'),
      dispensable: 0,
    },
    { title: 'last outcome', text: ({ lastOutcome }) => lastOutcome ?? '-', dispensable: 1 },
  ];
}

/** What needs a person, what fails, what is well, what is paused; of each kind what expires first. */
function byNeed(one: ConnectionStatus, other: ConnectionStatus): number {
  return (
    urgency(one) - urgency(other) ||
    expiry(one) - expiry(other) ||
    (one.connection < other.connection ? -1 : 1)
  );
}

function urgency({ need, health }: ConnectionStatus): number {
  if (need !== null) return 0;
  if (health === 'paused') return 3;
  return health === 'healthy' ? 2 : 1;
}

/** What never had a token is without one for longest. */
function expiry({ expiresAt }: ConnectionStatus): number {
  return instant(expiresAt) ?? 0;
}

/** A line for each new destination of credentials; the status of the connection says what to do. */
function newPlaces(all: readonly ConnectionStatus[]): string[] {
  const fresh = all.filter(({ newOrigin }) => newOrigin !== null);
  const byPlace = Map.groupBy(fresh, ({ credentialsSentTo }) => credentialsSentTo ?? '-');
  return [...byPlace]
    .map(([place, those]) => {
      const names = those.map(({ connection }) => connection).sort();
      const [first = ''] = names;
      const isOne = names.length === 1;
      const whose = isOne
        ? inertStart(first)
        : `${countText(names.length, 'connection')} (${namesText(names)})`;
      const which = isOne ? inertStart(first) : 'CONNECTION';
      return `New: the credentials of ${whose} go to ${inertStart(place)}, and nothing forbids another place: evertoken status ${which}`;
    })
    .sort();
}

function summaryText(all: readonly ConnectionStatus[], registered: number): string {
  const total =
    all.length === registered
      ? countText(registered, 'connection')
      : `${thousands(all.length)} of ${countText(registered, 'connection')}`;
  const counts = HEALTHS.map((each) => [each, all.filter(({ health }) => health === each).length] as const)
    .filter(([, count]) => count > 0)
    .map(([each, count]) => `${thousands(count)} ${each}`);
  const needed = all.filter(({ need }) => need !== null).length;
  const who =
    needed === 0 ? 'none needs a human' : `${thousands(needed)} ${needed === 1 ? 'needs' : 'need'} a human`;
  return `${total}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}; ${who}.`;
}

function instant(at: string | null): number | undefined {
  return at === null ? undefined : Date.parse(at);
}
