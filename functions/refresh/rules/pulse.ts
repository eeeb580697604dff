import type { TickRecord } from '../ports/state-table.ts';

/** Ticks come every minute, and one that is at work for longer lets the next begin: so long a silence is none. */
export const SILENT_MS = 300_000;

/** What is wrong with the ticks, and what to do: the words of status, doctor and page. */
export interface PulseProblem {
  readonly message: string;
  readonly remedy: string;
}

/**
 * Whether ticks come: without them nothing is refreshed, however well each connection stands.
 * @param tick the last one that came to its end
 * @param now epoch milliseconds
 * @returns `undefined` while they do
 */
export function pulseProblem(
  tick: TickRecord | undefined,
  now: number,
  namespace: string,
): PulseProblem | undefined {
  if (tick !== undefined && now - tick.endedAt < SILENT_MS) return undefined;
  const message =
    tick === undefined
      ? `No tick has come to its end yet in the namespace "${namespace}".`
      : `No tick has come to its end since ${new Date(tick.endedAt).toISOString()}: nothing is refreshed by itself.`;
  return {
    message,
    remedy:
      `Look whether this is the namespace and the Region that are deployed; then whether the schedule "refresh-due" ` +
      `of the group "${namespace}" is enabled; then at the function ${namespace}-refresh-due: its throttles, and ` +
      'its log for why it fails. Meanwhile "evertoken refresh --all" refreshes what is due.',
  };
}
