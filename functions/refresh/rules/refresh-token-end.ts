import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';
import { type ConnectionState, nextDueAt } from '../connection-state.ts';

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

/** Remaining lifetimes come in whole seconds, so that the same end is never quite the same. */
const SAME_MS = 60_000;

/** Whether a refresh left the end of the refresh token where it was. */
export function endStays(before: number | undefined, after: number | undefined): boolean {
  return before !== undefined && after !== undefined && after <= before + SAME_MS;
}

/** Days that have begun, and none once it is past. */
function daysUntil(end: number, at: number): number {
  return Math.max(0, Math.ceil((end - at) / DAY_MS));
}

/**
 * From when on it is clear that a refresh token dies before it can be used, and that nothing but signing in helps then:
 * at once where the next refresh comes too late for it, else when it ends; `undefined` where another grant follows, or
 * where no end is known. Epoch milliseconds.
 */
export function diesUnusedFrom(state: ConnectionState): number | undefined {
  const { refreshTokenExpiresAt: end, obtainedAt = 0, failingSince, lastOutcome } = state;
  if (end === undefined || !isOnlyRefreshed(state)) return undefined;
  // One that was of use after its end has another.
  if (obtainedAt > end) return undefined;
  if (nextDueAt(state) < end) return end;
  return lastOutcome === 'refreshed' ? obtainedAt : Math.min(end, failingSince ?? end);
}

/** Where no grant but the refresh token is known. A state of an older version knows what is declared alone. */
function isOnlyRefreshed({ onlyRefreshed, definition }: ConnectionState): boolean {
  return onlyRefreshed ?? definition.grants?.every((grant) => grant === REFRESH_TOKEN) ?? false;
}
