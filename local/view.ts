import { styleText } from 'node:util';
import type { Health } from '../functions/refresh/rules/health.ts';

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
}

export interface TableOptions {
  /** Epoch milliseconds; what is shown counts from here. */
  readonly now: number;
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
}

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly text: (row: Row, now: number) => string;
  readonly style?: (row: Row, now: number) => Style;
  /** Left out of a terminal that is too narrow, the highest first; absent: always there. */
  readonly dispensable?: number;
}
type Style = 'green' | 'yellow' | 'red' | undefined;

const COLUMNS: readonly Column[] = [
  { title: 'connection', align: 'left', text: (row) => row.connection },
  { title: 'grant', align: 'left', text: grantText, dispensable: 4 },
  { title: 'health', align: 'left', text: (row) => row.health, style: (row) => HEALTH_STYLES[row.health] },
  {
    title: 'expires in',
    align: 'right',
    text: (row, now) => (row.expiresAt === undefined ? '-' : durationText(row.expiresAt - now)),
    style: (row, now) => (row.expiresAt !== undefined && row.expiresAt <= now ? 'red' : undefined),
  },
  {
    title: 'next refresh',
    align: 'right',
    text: (row, now) => (row.nextRefreshAt === undefined ? '-' : dueText(row.nextRefreshAt - now)),
    dispensable: 1,
  },
  { title: 'refreshes', align: 'right', text: (row) => String(row.refreshes), dispensable: 2 },
  { title: 'reads', align: 'right', text: (row) => String(row.reads), dispensable: 3 },
  {
    title: 'rejected',
    align: 'right',
    text: (row) => String(row.rejected),
    style: (row) => (row.rejected > 0 ? 'red' : undefined),
    dispensable: 0,
  },
];

const HEALTH_STYLES: Readonly<Record<Health, Style>> = {
  healthy: 'green',
  retrying: 'yellow',
  'awaiting-credentials': 'yellow',
  paused: 'yellow',
  misconfigured: 'red',
  'needs-reauthorization': 'red',
};
const GAP = '  ';
const LEAST_WIDTH = 4;

/**
 * The connections as a table of lines no wider than the terminal: first columns that can be spared are
 * left out, then names are cut.
 */
export function renderTable(rows: readonly Row[], { now, width, colour }: TableOptions): string {
  const widthOf = (column: Column) =>
    Math.max(column.title.length, ...rows.map((row) => column.text(row, now).length));
  const columns = fittingColumns(widthOf, width);
  const spare = width - totalWidth(columns, widthOf);
  const widths = columns.map((column, index) => widthOf(column) + (index === 0 ? Math.min(0, spare) : 0));

  const line = (cell: (column: Column) => { text: string; style?: Style | 'dim' }) =>
    columns
      .map((column, index) => {
        const { text, style } = cell(column);
        return paint(
          pad(text, Math.max(LEAST_WIDTH, widths[index] ?? 0), column.align),
          colour ? style : undefined,
        );
      })
      .join(GAP)
      .trimEnd();
  return [
    line(({ title }) => ({ text: title, style: 'dim' })),
    ...rows.map((row) =>
      line((column) => ({ text: column.text(row, now), style: column.style?.(row, now) })),
    ),
  ].join('\n');
}

/** One connection in one line, for output that is no terminal. */
export function renderLine(row: Row, now: number): string {
  const expiry = row.expiresAt === undefined ? 'no token yet' : expiryText(row.expiresAt - now);
  const next = row.nextRefreshAt === undefined ? 'no refresh' : `refresh ${dueText(row.nextRefreshAt - now)}`;
  return (
    `${clockText(now)} ${row.connection}: ${row.health}, ${expiry}, ${next}, ` +
    `refreshes ${row.refreshes}, reads ${row.reads}, rejected ${row.rejected}`
  );
}

/** The time of day where this machine is. `at` in epoch milliseconds. */
export function clockText(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function fittingColumns(widthOf: (column: Column) => number, width: number): readonly Column[] {
  let columns = COLUMNS;
  const bySpare = COLUMNS.filter(({ dispensable }) => dispensable !== undefined).sort(
    (one, other) => (other.dispensable ?? 0) - (one.dispensable ?? 0),
  );
  for (const spared of bySpare) {
    if (totalWidth(columns, widthOf) <= width) break;
    columns = columns.filter((column) => column !== spared);
  }
  return columns;
}

function totalWidth(columns: readonly Column[], widthOf: (column: Column) => number): number {
  return columns.reduce((sum, column) => sum + widthOf(column) + GAP.length, -GAP.length);
}

function pad(text: string, width: number, align: Column['align']): string {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return align === 'left' ? cut.padEnd(width) : cut.padStart(width);
}

function paint(text: string, style: Style | 'dim'): string {
  return style === undefined ? text : styleText(style, text, { validateStream: false });
}

function grantText({ grants }: Row): string {
  const [first = '-', ...others] = grants;
  return others.length === 0 ? first : `${first} +${others.length}`;
}

function dueText(ms: number): string {
  return ms <= 0 ? 'due' : `in ${durationText(ms)}`;
}

function expiryText(ms: number): string {
  return ms <= 0 ? 'expired' : `expires in ${durationText(ms)}`;
}

/** Rounded down, so that nothing is said to live longer than it does. */
function durationText(ms: number): string {
  if (ms <= 0) return 'expired';
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
