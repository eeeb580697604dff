import type { Clock } from '../functions/refresh/ports/outside.ts';

export interface TickerOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly work: () => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

export interface Ticker {
  /** Starts nothing any more; resolves when what runs has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `work` now and every `everyMs`, as a schedule does: a run that takes longer delays no other. The
 * pace does not drift; ticks that were missed, by a machine that slept, are not made up for.
 */
export function startTicker({ clock, everyMs, work, onError }: TickerOptions): Ticker {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  function tick(): void {
    const run = work()
      .then(() => undefined, onError)
      .finally(() => running.delete(run));
    running.add(run);
  }

  async function loop(): Promise<void> {
    let nextAt = clock.now();
    while (!stopping.signal.aborted) {
      tick();
      nextAt += everyMs * Math.max(1, Math.ceil((clock.now() - nextAt) / everyMs));
      await clock.sleep(nextAt - clock.now(), stopping.signal);
    }
  }

  const looping = loop();
  return {
    stop: async () => {
      stopping.abort();
      await looping;
      await Promise.all(running);
    },
  };
}
