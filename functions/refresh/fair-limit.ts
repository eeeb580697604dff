export interface FairLimitProps {
  /** At once, whatever the key. */
  readonly overall: number;
  /** At once for one key: its share. The rest is left for other keys, though none may come. */
  readonly perKey: number;
}

/**
 * Limits what is under way at once, overall and for each key. Of those that wait, the one goes first whose key
 * has least under way, and among them the one that was not served for longest: however long one key's work takes, it holds up its own
 * kind and nobody else.
 */
export class FairLimit {
  readonly #overall: number;
  readonly #perKey: number;
  readonly #running = new Map<string, number>();
  /** Those that wait, by key, in the order in which the keys came to wait, or were served last. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #total = 0;

  constructor({ overall, perKey }: FairLimitProps) {
    this.#overall = overall;
    this.#perKey = perKey;
  }

  /** Runs `work` when its turn has come. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      const line = this.#waiting.get(key);
      if (line) line.push(start);
      else this.#waiting.set(key, [start]);
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#count(key, -1);
      this.#startNext();
    }
  }

  #startNext(): void {
    while (this.#total < this.#overall) {
      const key = this.#nextKey();
      const line = key === undefined ? undefined : this.#waiting.get(key);
      if (key === undefined || line === undefined) return;
      const start = line.shift();
      // To the end: a key that keeps a backlog does not keep its place.
      this.#waiting.delete(key);
      if (line.length > 0) this.#waiting.set(key, line);
      this.#count(key, 1);
      start?.();
    }
  }

  #nextKey(): string | undefined {
    let best: string | undefined;
    for (const key of this.#waiting.keys()) {
      const running = this.#runningOf(key);
      // None has less, and those behind it were served later.
      if (running === 0) return key;
      if (running >= this.#perKey) continue;
      if (best === undefined || running < this.#runningOf(best)) best = key;
    }
    return best;
  }

  #runningOf(key: string): number {
    return this.#running.get(key) ?? 0;
  }

  #count(key: string, by: number): void {
    const running = this.#runningOf(key) + by;
    if (running === 0) this.#running.delete(key);
    else this.#running.set(key, running);
    this.#total += by;
  }
}
