import { WrongUsage } from './command-failed.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The instant that `--since` means, epoch milliseconds: so long before `now`, as `90m`, `24h` or `7d`, or an instant
 * of ISO 8601, of which a date alone begins in UTC.
 * @throws WrongUsage
 */
export function readSince(text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS[unit] ?? 0);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new WrongUsage(
    `--since "${text}": expected a length of time such as 90m, 24h or 7d, or an instant such as 2026-01-31T08:00:00Z`,
  );
}
