import { systemClock } from '../../functions/handlers/system-clock.ts';
import type { Clock } from '../../functions/refresh/ports/outside.ts';

/** The machine's clock, which a test may move on and speed up: for real servers, where time cannot be virtual. */
export class SteppingClock implements Clock {
  readonly #speed: number;
  readonly #startedAt = systemClock.now();
  #ahead = 0;

  /** @param speed by how much time runs faster than real time; 0 lets it stand still, while waits take real time */
  constructor(speed = 1) {
    this.#speed = speed;
  }

  now(): number {
    return this.#startedAt + (systemClock.now() - this.#startedAt) * this.#speed + this.#ahead;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / (this.#speed || 1), signal);
  }

  /** Moves on by `ms` at once. */
  advance(ms: number): void {
    this.#ahead += ms;
  }
}
