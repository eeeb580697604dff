/** The instant, in epoch milliseconds, and waiting. A test brings its own. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  uuid(): string;
}
