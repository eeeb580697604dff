/** A length of time for a person, rounded down: nothing is said to live longer than it does. `ms` positive. */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/**
 * How long until `at`, with `before` in front of it, or that it has `passed`. Both instants in epoch
 * milliseconds; `before` is empty by default.
 */
export function untilText(at: number | undefined, now: number, passed: string, before = ''): string {
  if (at === undefined) return '-';
  return at <= now ? passed : `${before}${durationText(at - now)}`;
}
