import type { ConnectionState, LastingOutcome } from '../connection-state.ts';
import { neededFrom } from './need.ts';

/** How a connection stands. */
export type Health =
  | 'healthy'
  /** Declared, and not tried yet. */
  | 'new'
  | 'retrying'
  | 'failing'
  | 'awaiting-credentials'
  | 'misconfigured'
  | 'needs-reauthorization'
  | 'paused';

/** Every health, by how much it concerns a person. */
export const HEALTHS = Object.keys({
  'needs-reauthorization': 0,
  'awaiting-credentials': 0,
  misconfigured: 0,
  failing: 0,
  retrying: 0,
  new: 0,
  healthy: 0,
  paused: 0,
} satisfies Record<Health, 0>) as readonly Health[];

/** Outcomes after which only a person's change helps. */
export type WaitingOutcome = Extract<
  LastingOutcome,
  'awaiting-credentials' | 'misconfigured' | 'needs-reauthorization'
>;

/** Whether the connection waits for a person. */
export function isWaiting(outcome: string | undefined): outcome is WaitingOutcome {
  return (
    outcome === 'awaiting-credentials' || outcome === 'misconfigured' || outcome === 'needs-reauthorization'
  );
}

/**
 * The only place that decides about health, in a word: no status can say "healthy" of a token that has expired, nor
 * speak of trouble that ends by itself where a person is needed (`needOf`). `now` in epoch milliseconds.
 */
export function health(state: ConnectionState, now: number): Health {
  const { paused, unreadable, lastOutcome, expiresAt } = state;
  if (paused) return 'paused';
  const isFresh = lastOutcome === 'refreshed' && expiresAt !== undefined && expiresAt > now;
  if ((neededFrom(state) ?? Number.POSITIVE_INFINITY) > now)
    return isFresh ? 'healthy' : untilNeeded(lastOutcome);
  if (unreadable) return 'misconfigured';
  if (isWaiting(lastOutcome)) return lastOutcome;
  // A good token and a person needed all the same: only the end of the refresh token asks for that.
  return isFresh ? 'needs-reauthorization' : 'failing';
}

/** How a connection without a good token stands while nobody is needed, in a word. */
export function untilNeeded(lastOutcome: string | undefined): Extract<Health, 'new' | 'retrying'> {
  return lastOutcome === undefined ? 'new' : 'retrying';
}
