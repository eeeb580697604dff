import { KEPT_OUTCOMES, type PastOutcome } from '../../functions/refresh/ports/history.ts';
import { inertStart } from '../../functions/text/inert.ts';
import { instantText } from '../../functions/text/times.ts';
import type { Paint, Style } from './colour.ts';
import { type Column, countText, type TableOptions, tableText } from './table.ts';

/** The outcomes to show of a connection, the newest first. */
export interface ShownHistory {
  readonly connection: string;
  readonly outcomes: readonly PastOutcome[];
  /** How many are kept, shown or not. */
  readonly kept: number;
  /** What ended earlier is left out: epoch milliseconds. */
  readonly from: number | undefined;
}

const COLUMNS: readonly Column<PastOutcome>[] = [
  // Half an instant is none; an outcome is known by its beginning.
  { title: 'ended', text: ({ at }) => instantText(at), least: 20 },
  { title: 'outcome', text: ({ outcome }) => outcome, style: (past) => styleOf(past), least: 8 },
  { title: 'exchange', text: ({ exchangeMs }) => tookText(exchangeMs), align: 'right', dispensable: 1 },
  { title: 'storing', text: ({ storeMs }) => tookText(storeMs), align: 'right', dispensable: 2 },
  { title: 'late', text: ({ lateMs }) => tookText(lateMs), align: 'right', dispensable: 0 },
  {
    title: 'by',
    text: ({ trigger, grant }) => (grant === undefined ? trigger : `${trigger}, ${grant}`),
    dispensable: 3,
  },
];

/** One line for each outcome, and below one that failed what was said, how often, and since when. */
export function historyText(
  { connection, outcomes, kept, from }: ShownHistory,
  options: TableOptions,
): string {
  const since = from === undefined ? '' : ` since ${instantText(from)}`;
  if (outcomes.length === 0) return `Nothing was tried for "${inertStart(connection)}"${since || ' yet'}.`;
  const [head = '', ...rows] = tableText(COLUMNS, outcomes, options).split('\n');
  const lines = outcomes.flatMap((past, index) => [rows[index] ?? '', ...wordsOf(past, options.paint)]);
  const older = kept < KEPT_OUTCOMES ? '' : ' What is older is in the logs.';
  return `${[head, ...lines].join('\n')}\n\n${countText(outcomes.length, 'outcome')}${since}.${older}`;
}

function wordsOf({ code, message, status, times, since }: PastOutcome, paint: Paint): string[] {
  if (code === undefined) return [];
  const answer = status === undefined || code === `http_${status}` ? '' : `, HTTP ${status}`;
  const repeated = times > 1 ? `, ${times} times since ${instantText(since)}` : '';
  const said = message === undefined || message === code ? [] : [`    ${inertStart(message)}`];
  return [`  ${paint('bold', inertStart(code))}${answer}${repeated}`, ...said];
}

function styleOf({ outcome }: PastOutcome): Style {
  if (outcome === 'refreshed') return 'green';
  return outcome === 'retry-later' ? 'yellow' : 'red';
}

function tookText(ms: number | undefined): string {
  if (ms === undefined) return '-';
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
