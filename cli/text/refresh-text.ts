import type { Outcome } from '../../functions/refresh/connection-state.ts';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import { isWaiting } from '../../functions/refresh/rules/health.ts';
import type { Style } from './colour.ts';
import { untilText } from './duration.ts';
import { type Column, countText, type TableOptions, tableText } from './table.ts';
import { groupText, groupTroubles } from './trouble-groups.ts';

/** What came of each refresh, and for those that failed what to do. `now` in epoch milliseconds. */
export function refreshText(results: readonly RefreshResult[], now: number, options: TableOptions): string {
  const columns: readonly Column<RefreshResult>[] = [
    { title: 'connection', text: ({ connection }) => connection },
    { title: 'outcome', text: ({ outcome }) => outcome, style: ({ outcome }) => styleOf(outcome) },
    { title: 'expires in', text: ({ expiresAt }) => untilText(instant(expiresAt), now, 'expired') },
    {
      title: 'next refresh',
      text: ({ nextDueAt }) => untilText(instant(nextDueAt), now, 'due'),
      dispensable: 0,
    },
  ];
  const table = tableText(columns, results, options);
  const troubles = results.flatMap(({ connection, need, error }) => {
    const trouble = need ?? error;
    return trouble === null ? [] : [{ ...trouble, connection, since: undefined, needed: need !== null }];
  });
  const groups = groupTroubles(troubles).map((group) => groupText(group, now, options.paint));
  return [table, ...groups, ...(results.length > 1 ? [summary(results)] : [])].join('\n\n');
}

function styleOf(outcome: Outcome): Style {
  if (outcome === 'refreshed' || outcome === 'fresh') return 'green';
  return isWaiting(outcome) || outcome === 'unknown-connection' ? 'red' : 'yellow';
}

function summary(results: readonly RefreshResult[]): string {
  const outcomes = Object.entries(Object.groupBy(results, ({ outcome }) => outcome));
  const counts = outcomes.map(([outcome, all]) => `${all.length} ${outcome}`);
  return `${countText(results.length, 'connection')}: ${counts.join(', ')}.`;
}

function instant(at: string | null): number | undefined {
  return at === null ? undefined : Date.parse(at);
}
