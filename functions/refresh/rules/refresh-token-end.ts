import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';

const DAY_MS = 24 * 3_600_000;
/** How far ahead a person hears of an end that only signing in again can move. */
const WARN_DAYS = 14;

/**
 * Whether to warn now that a refresh token ends: from 14 days ahead, once a day, a last time when it has ended,
 * and only where no other grant would take its place. `lookedAt` is when this was asked last; instants in epoch milliseconds.
 */
export function warnsOfEnd(
  end: number | undefined,
  grants: readonly string[],
  lookedAt: number,
  now: number,
): boolean {
  if (end === undefined || grants.some((grant) => grant !== REFRESH_TOKEN)) return false;
  const daysLeft = daysUntil(end, now);
  return daysLeft <= WARN_DAYS && daysLeft < daysUntil(end, lookedAt);
}

/** Days that have begun, and none once it is past. */
function daysUntil(end: number, at: number): number {
  return Math.max(0, Math.ceil((end - at) / DAY_MS));
}
