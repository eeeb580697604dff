import type { Clock } from './clock.ts';

/**
 * Runs `work` with a signal that aborts at `endsAt` (epoch milliseconds by `clock`), or with `parent`.
 */
export async function withDeadline<T>(
  endsAt: number,
  { clock, parent }: { readonly clock: Clock; readonly parent?: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const done = new AbortController();
  const watch = clock.sleep(endsAt - clock.now(), done.signal).then(() => {
    if (!done.signal.aborted)
      deadline.abort(new DOMException('the time for this step is over', 'TimeoutError'));
  });
  try {
    return await work(parent ? AbortSignal.any([parent, deadline.signal]) : deadline.signal);
  } finally {
    done.abort();
    await watch;
  }
}
