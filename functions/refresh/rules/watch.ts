import { applyChange, type ConnectionState, nextDueAt, type StateChange } from '../connection-state.ts';
import type { WatchedConnection } from '../ports/state-table.ts';
import { type Health, isWaiting, untilNeeded } from './health.ts';
import { neededFrom } from './need.ts';
import { endStays } from './refresh-token-end.ts';

/** So long before its end a token is in danger that nothing has replaced. */
const MOST_BEFORE_END_MS = 300_000;
/** Of one that lives for minutes, so much of its life. */
const PART_OF_LIFE = 1 / 10;
/** Assumed of a token of which it is not known when it was obtained. */
const USUAL_LIFE_MS = 3_600_000;
/** A tick takes up what is due within a minute, and may take a while for it. */
const PLANNED_MS = 120_000;
/** What failed once is tried again within so long. */
const RETRIED_MS = 60_000;

/**
 * The change, with what whoever watches over all connections must know of the state after it: so that what needs a
 * person, and which tokens are in danger, is found without reading all of them.
 */
export function withWatch(before: ConnectionState, change: StateChange): StateChange {
  const told = { ...change, ...endChange(before, change) };
  return { ...told, ...watchOf(applyChange(before, told)) };
}

/** The place of those who are paused: behind everyone who is watched. */
export const UNWATCHED_AT = 8.64e15;

/**
 * When a connection must be looked at, if nothing changes until then; one that is paused never. No later than it
 * is due, so that who looks at the first of all sees whether anything is.
 */
export function watchOf(state: ConnectionState): Pick<StateChange, 'needAt' | 'dangerAt' | 'watchAt'> {
  const needed = neededFrom(state);
  const endangered = endangeredFrom(state);
  const instants = [needed, endangered, state.dueAt].filter((at) => at !== undefined);
  return {
    needAt: needed ?? null,
    dangerAt: endangered ?? null,
    watchAt: state.paused ? UNWATCHED_AT : Math.min(...instants),
  };
}

/**
 * From when on the token of readers is in danger, epoch milliseconds: five minutes before its end, of one that lives
 * shorter a tenth of its life; but not while it is refreshed as planned, however late that is, nor for a first
 * failure that is tried again at once. `undefined` where there is no token, or nobody keeps it fresh.
 */
export function endangeredFrom(state: ConnectionState): number | undefined {
  const { expiresAt, paused, lastOutcome, failingSince = 0, stretched } = state;
  if (expiresAt === undefined || paused) return undefined;
  const lifeMs = Math.max(0, expiresAt - (state.obtainedAt ?? expiresAt - USUAL_LIFE_MS));
  const near = Math.ceil(expiresAt - Math.min(MOST_BEFORE_END_MS, lifeMs * PART_OF_LIFE));
  const expected = lastOutcome === 'refreshed' ? nextDueAt(state) + PLANNED_MS : failingSince + RETRIED_MS;
  // What is refreshed as seldom as its secret bears is without a token for a while each time.
  return Math.max(near, stretched ? expected : Math.min(expected, expiresAt));
}

/** The same of a connection as the index knows it, in the words of `health`. `now` in epoch milliseconds. */
export function watchedHealth(
  { needAt, lastOutcome, expiresAt }: WatchedConnection,
  now: number,
): WatchedHealth {
  if (isWaiting(lastOutcome)) return lastOutcome;
  const isNeeded = needAt !== undefined && needAt <= now;
  const isFine = lastOutcome === 'refreshed' && expiresAt !== undefined && expiresAt > now;
  if (isFine) return isNeeded ? 'needs-reauthorization' : 'healthy';
  return isNeeded ? 'failing' : untilNeeded(lastOutcome);
}

export type WatchedHealth = Exclude<Health, 'paused'>;

/** Whether somebody must sign in before the refresh token ends, since refreshing leaves that where it is. */
function endChange(before: ConnectionState, change: StateChange): StateChange {
  const { refreshTokenExpiresAt: end, lastOutcome } = change;
  if (end === undefined) return {};
  const stays = lastOutcome === 'refreshed' && endStays(before.refreshTokenExpiresAt, end ?? undefined);
  return { endStays: stays || null };
}
