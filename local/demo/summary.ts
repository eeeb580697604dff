import { pairsText } from '../../cli/text/table.ts';
import type { PermissionReport } from '../local-deployment.ts';
import type { ConsumerCounts } from './consumer.ts';

/** What one connection came to in one run. */
export interface ConnectionSummary extends ConsumerCounts {
  readonly connection: string;
  readonly health: string;
  readonly refreshes: number;
}

/** 1 when a reader met a token that did not work or had expired, or no token was ever read; else 0. */
export function exitCodeOf(summaries: readonly ConnectionSummary[]): 0 | 1 {
  const wasRead = summaries.some(({ reads }) => reads > 0);
  const isBad = summaries.some(({ rejected, expired }) => rejected > 0 || expired > 0);
  return isBad || !wasRead ? 1 : 0;
}

/** The run in words, a line for each connection and one for all. `ranMs` is how long it ran. */
export function renderSummary(summaries: readonly ConnectionSummary[], ranMs: number): string {
  const lines = summaries.map(({ connection, health, refreshes, reads, rejected, expired, failed }) => {
    const failures = failed > 0 ? `, failed ${failed}` : '';
    const counts = `refreshes ${refreshes}, reads ${reads}, rejected ${rejected}, expired ${expired}${failures}`;
    return [connection, `${health}: ${counts}`] as const;
  });
  const counted = lines.length === 0 ? [] : [pairsText(lines)];
  return [...counted, verdict(summaries, Math.round(ranMs / 1000))].join('\n');
}

function verdict(summaries: readonly ConnectionSummary[], seconds: number): string {
  const sum = (field: 'reads' | 'rejected' | 'expired') =>
    summaries.reduce((total, summary) => total + summary[field], 0);
  const bad = sum('rejected') + sum('expired');
  const ran = `${sum('reads')} reads in ${seconds} s`;
  if (bad > 0) return `${ran}: ${sum('rejected')} were rejected, ${sum('expired')} found an expired token.`;
  return sum('reads') === 0 ? 'No token was read.' : `${ran}: every one found a token that works.`;
}

/** What a run came to as to permissions, for a person, in a few lines. */
export function renderPermissions({ allowed, refused, unused }: PermissionReport): string {
  const calls = `${allowed} permissions were needed and granted, ${refused} refused.`;
  if (unused.length === 0) return `${calls} Every statement of every role was used.`;
  const byRole = Map.groupBy(unused, ({ role }) => role);
  const lines = [...byRole].map(
    ([role, statements]) => `  ${role}: ${statements.map(({ statement }) => statement).join('; ')}`,
  );
  return [`${calls} Not used in this run:`, ...lines].join('\n');
}
