import type { ConnectionState, LastingOutcome } from '../connection-state.ts';

/** How a connection stands. */
export type Health =
  | 'healthy'
  | 'retrying'
  | 'awaiting-credentials'
  | 'misconfigured'
  | 'needs-reauthorization'
  | 'paused';

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
 * The only place that decides about health: from the last outcome and the expiry, so that no status can
 * say "healthy" of a token that has expired. `now` in epoch milliseconds.
 */
export function health(
  state: Pick<ConnectionState, 'lastOutcome' | 'expiresAt' | 'paused'>,
  now: number,
): Health {
  if (state.paused) return 'paused';
  if (isWaiting(state.lastOutcome)) return state.lastOutcome;
  const valid = state.expiresAt !== undefined && state.expiresAt > now;
  return state.lastOutcome === 'refreshed' && valid ? 'healthy' : 'retrying';
}
