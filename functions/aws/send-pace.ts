import type { Clock, Random } from '../refresh/ports/outside.ts';

/** Calls in a row that were taken before one more is made at once, and a pause is shorter again. */
const IN_A_ROW = 50;
/** The pause after a call that was not taken; it doubles with each further one. */
const FIRST_PAUSE_MS = 100;
const MOST_DOUBLED = 4;

export interface SendPaceProps {
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
  /** Calls under way at once, where they are taken. */
  readonly most: number;
}

/**
 * How many calls may be under way at once, and when the next one may be made: half as many, after a pause, when one was
 * not taken; one more when many were. What the limit is need not be known, and may change.
 */
export class SendPace {
  readonly #props: SendPaceProps;
  #atOnce: number;
  #takenInARow = 0;
  #doubled = 0;
  #slowedAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(props: SendPaceProps) {
    this.#props = props;
    this.#atOnce = props.most;
  }

  get atOnce(): number {
    return this.#atOnce;
  }

  /** Resolves when a call may be made, or at once when `signal` aborts; never rejects. */
  async pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.#props;
    const pauseMs = this.#pausedUntil - clock.now();
    if (pauseMs > 0) await clock.sleep(pauseMs, signal);
  }

  /** @param startedAt when the call was made: one that was under way when another was not taken says nothing new */
  taken(startedAt: number): void {
    if (startedAt < this.#slowedAt) return;
    this.#takenInARow += 1;
    if (this.#takenInARow % IN_A_ROW > 0) return;
    this.#atOnce = Math.min(this.#props.most, this.#atOnce + 1);
    this.#doubled = Math.max(0, this.#doubled - 1);
  }

  /** @param startedAt as for `taken` */
  notTaken(startedAt: number): void {
    if (startedAt < this.#slowedAt) return;
    const { clock, random } = this.#props;
    const now = clock.now();
    this.#slowedAt = now;
    this.#pausedUntil = now + FIRST_PAUSE_MS * 2 ** this.#doubled * (0.5 + random.fraction() / 2);
    this.#doubled = Math.min(MOST_DOUBLED, this.#doubled + 1);
    this.#atOnce = Math.max(1, Math.floor(this.#atOnce / 2));
    this.#takenInARow = 0;
  }

  /** Whoever begins anew later waits for nothing. */
  endPause(): void {
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
  }
}
