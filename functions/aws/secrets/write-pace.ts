import type { Clock } from '../../refresh/ports/outside.ts';

/** Lets secret writes through one by one. */
export interface WritePace {
  /** Resolves when the caller may write, or at once when `signal` aborts; never rejects. */
  turn(signal?: AbortSignal): Promise<void>;
}

/**
 * Spaces writes evenly, first come first served: never more than `perSecond` in a second, so that the
 * account's 50 are not used up by one process. A writer that comes after a pause does not wait.
 */
export function createWritePace({
  perSecond,
  clock,
}: {
  readonly perSecond: number;
  readonly clock: Clock;
}): WritePace {
  const intervalMs = 1_000 / perSecond;
  let freeAt = Number.NEGATIVE_INFINITY;
  return {
    async turn(signal) {
      const now = clock.now();
      const turnAt = Math.max(freeAt, now);
      freeAt = turnAt + intervalMs;
      if (turnAt > now) await clock.sleep(turnAt - now, signal);
    },
  };
}
