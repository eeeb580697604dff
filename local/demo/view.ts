import { HEALTH_STYLES, plainly } from '../../cli/text/colour.ts';
import { untilText } from '../../cli/text/duration.ts';
import { type Column, type TableOptions, tableText } from '../../cli/text/table.ts';
import { groupText, groupTroubles, type Trouble } from '../../cli/text/trouble-groups.ts';
import type { Health } from '../../functions/refresh/rules/health.ts';
import { inertStart } from '../../functions/text/inert.ts';
import type { JsonEvent } from './json-lines.ts';

/** One connection as it stands. Instants are epoch milliseconds. */
export interface Row {
  readonly connection: string;
  /** The grant types that it may use, in order. */
  readonly grants: readonly string[];
  readonly health: Health;
  /** Absent before the first token. */
  readonly expiresAt?: number | undefined;
  /** Absent while paused. */
  readonly nextRefreshAt?: number | undefined;
  /** Refreshes of this run. */
  readonly refreshes: number;
  readonly reads: number;
  readonly rejected: number;
  /** What is the matter, and what to do about it. Default: nothing is. */
  readonly troubles?: readonly Trouble[];
}

/** The connections as a table of lines no wider than the terminal. `now` in epoch milliseconds. */
export function renderTable(rows: readonly Row[], now: number, options: TableOptions): string {
  const columns: readonly Column<Row>[] = [
    { title: 'connection', text: ({ connection }) => connection },
    { title: 'grant', text: grantText, dispensable: 4 },
    { title: 'health', text: ({ health }) => health, style: ({ health }) => HEALTH_STYLES[health] },
    {
      title: 'expires in',
      align: 'right',
      text: ({ expiresAt }) => untilText(expiresAt, now, 'expired'),
      style: ({ expiresAt }) => (expiresAt !== undefined && expiresAt <= now ? 'red' : undefined),
    },
    {
      title: 'next refresh',
      align: 'right',
      text: ({ nextRefreshAt }) => untilText(nextRefreshAt, now, 'due', 'in '),
      dispensable: 1,
    },
    { title: 'refreshes', align: 'right', text: ({ refreshes }) => String(refreshes), dispensable: 2 },
    { title: 'reads', align: 'right', text: ({ reads }) => String(reads), dispensable: 3 },
    {
      title: 'rejected',
      align: 'right',
      text: ({ rejected }) => String(rejected),
      style: ({ rejected }) => (rejected > 0 ? 'red' : undefined),
      dispensable: 0,
    },
  ];
  return tableText(columns, rows, options);
}

/** What is the matter and what to do, once for all that have the same trouble, in lines no wider than the terminal. */
export function renderTroubles(rows: readonly Row[], now: number, width: number): readonly string[] {
  const groups = groupTroubles(rows.flatMap(({ troubles = [] }) => troubles));
  return groups.map((group) => wrapWords(groupText(group, now, plainly), width));
}

/** Breaks lines that are too long between words, and indents what goes on as what begins them. */
export function wrapWords(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      const lines = [''];
      for (const word of line.trim().split(' ')) {
        const last = lines.at(-1) ?? '';
        const longer = last === '' ? `${indent}${word}` : `${last} ${word}`;
        if (longer.length <= width || last === '') lines[lines.length - 1] = longer;
        else lines.push(`${indent}${word}`);
      }
      return lines.join('\n');
    })
    .join('\n');
}

/** One connection in one line, for output that is no terminal. `now` in epoch milliseconds. */
export function renderLine(row: Row, now: number): string {
  const { expiresAt, nextRefreshAt } = row;
  const expiry =
    expiresAt === undefined ? 'no token yet' : untilText(expiresAt, now, 'expired', 'expires in ');
  const next =
    nextRefreshAt === undefined ? 'no refresh' : `refresh ${untilText(nextRefreshAt, now, 'due', 'in ')}`;
  return (
    `${clockText(now)} ${inertStart(row.connection)}: ${row.health}, ${expiry}, ${next}, ` +
    `refreshes ${row.refreshes}, reads ${row.reads}, rejected ${row.rejected}${todoText(row)}`
  );
}

function todoText({ troubles = [] }: Row): string {
  const [first] = troubles;
  return first === undefined ? '' : `, ${inertStart(first.code)}; to do: ${inertStart(first.remedy)}`;
}

/** One event in one line for a person. `at` in epoch milliseconds. */
export function renderEvent(event: JsonEvent, at: number): string {
  const words = event.type.replaceAll('-', ' ');
  const details = [event['code'], event['detail']].filter((detail) => typeof detail === 'string');
  const until =
    event.type === 'refreshed' && typeof event['expiresAt'] === 'string'
      ? `, good until ${clockText(Date.parse(event['expiresAt']))}`
      : '';
  const about = event.connection === undefined ? '' : `${event.connection} `;
  const said = details.length > 0 ? `: ${details.join(', ')}` : '';
  return inertStart(`${clockText(at)} ${about}${words}${until}${said}`);
}

/** The time of day where this machine is. `at` in epoch milliseconds. */
function clockText(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function grantText({ grants }: Row): string {
  const [first = '-', ...others] = grants;
  return others.length === 0 ? first : `${first} +${others.length}`;
}
