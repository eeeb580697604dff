/** Work that may outlive the request that began it. */
export class BackgroundWork {
  readonly #running = new Set<Promise<unknown>>();

  /**
   * Starts `work` after the current turn of the event loop, as AWS delivers after it has answered.
   * Its failure is a warning: nobody waits for it.
   */
  start(what: string, work: () => unknown): void {
    const running = new Promise<void>((resolve) => setImmediate(resolve)).then(work);
    this.track(running).catch((error: unknown) => {
      // Only the class: a message could hold what was delivered.
      const kind = error instanceof Error ? error.name : typeof error;
      process.emitWarning(`${what} failed: ${kind}`, 'LocalAwsWarning');
    });
  }

  /** Lets `idle` wait for work that runs already. */
  async track<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Resolves when nothing runs any more, including what running work has started. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
