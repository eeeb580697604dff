import { durationText } from '../../functions/text/times.ts';

/**
 * How long until `at`, with `before` in front of it, or that it has `passed`. Both instants in epoch
 * milliseconds; `before` is empty by default.
 */
export function untilText(at: number | undefined, now: number, passed: string, before = ''): string {
  if (at === undefined) return '-';
  return at <= now ? passed : `${before}${durationText(at - now)}`;
}
