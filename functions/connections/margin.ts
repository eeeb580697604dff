/** The margin of long-lived tokens is at least this where a connection does not set one. */
const LEAST_SECONDS = 600;

/**
 * How long before its expiry a token is replaced, in seconds: what the connection sets, else
 * max(600, lifetime / 10); never more than half the lifetime, so that a short-lived token, or a clock
 * that is off, cannot lead to a refresh in a loop. May be a fraction.
 */
export function marginSeconds(lifetimeSeconds: number, configured?: number): number {
  return Math.min(lifetimeSeconds / 2, configured ?? Math.max(LEAST_SECONDS, lifetimeSeconds / 10));
}
