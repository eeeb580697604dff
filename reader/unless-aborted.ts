/** Waits for `work`, or rejects with the signal's reason. The work itself goes on, for others who wait. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const settled = () => signal.removeEventListener('abort', abort);
    work.then(resolve, reject).finally(settled);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
