import type { ConsumerCounts } from './consumer.ts';

/** What one connection came to in one run. */
export interface ConnectionSummary extends ConsumerCounts {
  readonly connection: string;
  readonly health: string;
  readonly refreshes: number;
}

/** 1 when a reader met a token that did not work or had expired, else 0. */
export function exitCodeOf(summaries: readonly ConnectionSummary[]): 0 | 1 {
  return summaries.some(({ rejected, expired }) => rejected > 0 || expired > 0) ? 1 : 0;
}

/** The run in words, a line for each connection and one for all. `ranMs` is how long it ran. */
export function renderSummary(summaries: readonly ConnectionSummary[], ranMs: number): string {
  const nameWidth = Math.max(0, ...summaries.map(({ connection }) => connection.length));
  const lines = summaries.map((summary) => {
    const failed = summary.failed > 0 ? `, failed ${summary.failed}` : '';
    return (
      `${summary.connection.padEnd(nameWidth)}  ${summary.health}: refreshes ${summary.refreshes}, ` +
      `reads ${summary.reads}, rejected ${summary.rejected}, expired ${summary.expired}${failed}`
    );
  });
  return [...lines, verdict(summaries, Math.round(ranMs / 1000))].join('\n');
}

function verdict(summaries: readonly ConnectionSummary[], seconds: number): string {
  const sum = (field: 'reads' | 'rejected' | 'expired') =>
    summaries.reduce((total, summary) => total + summary[field], 0);
  const bad = sum('rejected') + sum('expired');
  const ran = `${sum('reads')} reads in ${seconds} s`;
  if (bad > 0) return `${ran}: ${sum('rejected')} were rejected, ${sum('expired')} found an expired token.`;
  return sum('reads') === 0 ? 'No token was read.' : `${ran}: every one found a token that works.`;
}
