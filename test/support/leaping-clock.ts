import type { Clock } from '../../functions/refresh/ports/outside.ts';

const MINUTE = 60_000;
/** The longest wait between two tries of a call. What sleeps longer is a deadline, or a lease's renewal. */
const LONGEST_WAIT_MS = 5_000;

interface Deadline {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock for real servers, where time cannot be virtual: it stands still while calls are under way, a wait
 * between two tries passes at once and moves it on, and a deadline comes when it has been moved that far.
 * However slow the machine, nothing takes any time but waiting.
 */
export class LeapingClock implements Clock {
  #now: number;
  #deadlines: Deadline[] = [];

  /** @param now epoch milliseconds, a whole second by default, as dates in HTTP headers are */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    if (ms > LONGEST_WAIT_MS) return this.#deadline(this.#now + ms, signal);
    // Others get their turn first, as they would in real time.
    await new Promise((resolve) => setImmediate(resolve));
    this.advance(Math.max(0, ms));
  }

  /** Moves on by `ms` at once. */
  advance(ms: number): void {
    this.#now += ms;
    for (const { wake } of this.#deadlines.filter(({ at }) => at <= this.#now)) wake();
  }

  /** Moves on by whole minutes, one at least, until an instant has come. @returns how many */
  passMinutesUntil(at: number): number {
    const minutes = Math.max(1, Math.ceil((at - this.#now) / MINUTE));
    this.advance(minutes * MINUTE);
    return minutes;
  }

  #deadline(at: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#deadlines = this.#deadlines.filter((other) => other !== deadline);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const deadline = { at, wake };
      this.#deadlines.push(deadline);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
