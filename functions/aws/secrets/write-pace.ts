import type { Clock } from '../../refresh/ports/outside.ts';
import type { WriteTurn } from '../../refresh/ports/stores.ts';

/** Lets secret writes through one by one. */
export interface WritePace {
  /**
   * Resolves when the caller may make so many writes, or at once when `signal` aborts; never rejects.
   * @param writes default 1
   */
  turn(options?: { readonly writes?: number; readonly signal?: AbortSignal }): Promise<WriteTurn>;
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
    async turn({ writes = 1, signal } = {}) {
      const now = clock.now();
      const turnAt = Math.max(freeAt, now);
      freeAt = turnAt + writes * intervalMs;
      if (turnAt > now) await clock.sleep(turnAt - now, signal);
      return { takenAt: clock.now() };
    },
  };
}
