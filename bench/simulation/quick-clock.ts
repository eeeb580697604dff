import type { Clock } from '../../functions/refresh/ports/outside.ts';

interface Timer {
  readonly at: number;
  /** Of two at one instant the older one wakes first. */
  readonly order: number;
  wake: (() => void) | undefined;
}

/** A virtual clock as that of the tests, for hundreds of thousands of sleepers: they lie in a heap. */
export class QuickClock implements Clock {
  #now: number;
  #order = 0;
  readonly #isBusy: () => boolean;
  readonly #heap: Timer[] = [];

  /**
   * @param now epoch milliseconds
   * @param isBusy whether a real call is under way, during which time stands still. Default: there are none
   */
  constructor(now = Date.UTC(2026, 0, 1), isBusy = () => false) {
    this.#now = now;
    this.#isBusy = isBusy;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#order += 1;
      const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order, wake: undefined };
      const wake = () => {
        timer.wake = undefined;
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      timer.wake = wake;
      this.#push(timer);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Moves on by `ms` at once, while nobody sleeps. */
  advance(ms: number): void {
    this.#now += ms;
  }

  /** Runs `work` to its end, jumping over the time in which everybody sleeps. @throws Error when nobody sleeps */
  async run<T>(work: () => Promise<T>): Promise<T> {
    let ended = false;
    const result = work().finally(() => {
      ended = true;
    });
    result.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (ended) return result;
      if (!this.#isBusy()) this.#wakeNext();
    }
  }

  #wakeNext(): void {
    for (;;) {
      const next = this.#pop();
      if (next === undefined) throw new Error('nothing can run and nobody sleeps: the work would never end');
      // One whose sleep was cut short stays in the heap until its time has come.
      if (next.wake === undefined) continue;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      return;
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isSooner(timer, heap[parent] as Timer)) break;
      heap[index] = heap[parent] as Timer;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isSooner(heap[child + 1] as Timer, heap[child] as Timer)) child += 1;
      if (!isSooner(heap[child] as Timer, last)) break;
      heap[index] = heap[child] as Timer;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const isSooner = (one: Timer, other: Timer) =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
