import type { ConnectionState } from '../connection-state.ts';
import { isWaiting } from './health.ts';
import { lastFailure } from './last-failure.ts';

/** So long readers may be without a token, and nobody is called: most troubles end by themselves. */
export const NEEDED_AFTER_MS = 600_000;

/** Why a person is needed, since when, and what to do. Status, doctor, events and page say it in these words. */
export interface Need {
  /** The error's code where there is one. */
  readonly code: string;
  /** From when on a person was needed, epoch milliseconds. */
  readonly since: number;
  /** What was seen. */
  readonly message: string;
  /** What to look at, and what to do. */
  readonly remedy: string;
}

/**
 * Whether a person is needed for a connection, and why: the only place that decides it. `undefined` when nobody is
 * needed now. `now` in epoch milliseconds.
 */
export function needOf(state: ConnectionState, now: number, namespace: string): Need | undefined {
  const since = neededFrom(state);
  if (since === undefined || since > now) return undefined;
  const failure = lastFailure(state, namespace);
  if (failure !== undefined) return { ...failure, since };
  const { name } = state;
  const remedy = `Look at the last tick: the schedule may be off, or its function throttled or failing. "evertoken refresh ${name}" refreshes it now.`;
  return state.expiresAt === undefined
    ? {
        code: 'never_came',
        since,
        message: 'it never had a token, and nothing has tried to obtain one',
        remedy,
      }
    : {
        code: 'not_tried',
        since,
        message: 'its token has expired, and nothing has tried to refresh it',
        remedy,
      };
}

/**
 * From when on a person is needed if nothing changes, epoch milliseconds; `undefined` while it is paused: then nobody
 * ever is. Needed at once for what waits for a person; for whatever else ten minutes after readers were left
 * without a token and the tries began to fail.
 */
export function neededFrom(state: ConnectionState): number | undefined {
  const { paused, lastOutcome, lastErrorAt, failingSince, expiresAt, dueAt } = state;
  if (paused) return undefined;
  if (isWaiting(lastOutcome)) return lastErrorAt ?? failingSince ?? dueAt;
  const withoutSince = expiresAt ?? failingSince ?? dueAt;
  return Math.max(withoutSince, failingSince ?? withoutSince) + NEEDED_AFTER_MS;
}
