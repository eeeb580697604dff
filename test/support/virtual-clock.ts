import type { Clock } from '../../functions/refresh/ports/outside.ts';

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still until everything that can run has run, and then jumps to the next sleeper.
 * Only what waits for this clock may be run under it: real IO would make it jump too early.
 */
export class VirtualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  /** @param now epoch milliseconds */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** One that has come as far. @throws Error while somebody sleeps */
  copy(): VirtualClock {
    if (this.#timers.length > 0) throw new Error('who sleeps cannot be copied');
    return new VirtualClock(this.#now);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = { at: this.#now + Math.max(0, ms), wake };
      this.#timers.push(timer);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets time pass with nobody running. */
  advance(ms: number): void {
    this.#now += ms;
  }

  /** Jumps to the next sleeper and wakes it. @throws Error when nobody sleeps */
  async nextWake(): Promise<void> {
    const next = this.#timers.reduce<Timer | undefined>(
      (soonest, timer) => (soonest === undefined || timer.at < soonest.at ? timer : soonest),
      undefined,
    );
    if (!next) throw new Error('nothing can run and nobody sleeps: the work would never end');
    this.#now = Math.max(this.#now, next.at);
    next.wake();
  }

  /** Runs `work` to its end, jumping over the time in which everybody sleeps. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    let ended = false;
    const result = work().finally(() => {
      ended = true;
    });
    // Attached at once, so that a failure while the loop turns is not taken for an unhandled one.
    result.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (ended) return result;
      await this.nextWake();
    }
  }
}
