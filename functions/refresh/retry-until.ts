import type { CallOptions, Clock, Random } from './ports/outside.ts';
import { StoreError } from './ports/stores.ts';

const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 5_000;

/**
 * Repeats a write that may be repeated safely until it succeeds, is refused for good, or `until` (epoch
 * milliseconds) has come, when a call under way is aborted too. Answers with the last error, or
 * `undefined` for success.
 */
export function retryUntil(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { until, signal: parent }: { readonly until: number; readonly signal: AbortSignal },
  write: (options: CallOptions) => Promise<void>,
): Promise<StoreError | undefined> {
  return withDeadline(until, { clock, parent }, (signal) =>
    retryWhile({ clock, random }, { until, signal }, write),
  );
}

/** The same where `signal` aborts before `until` comes, and so needs no deadline of its own. */
export async function retryWhile(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { until, signal }: { readonly until: number; readonly signal: AbortSignal },
  write: (options: CallOptions) => Promise<void>,
): Promise<StoreError | undefined> {
  for (let tries = 0; ; tries += 1) {
    try {
      await write({ signal });
      return undefined;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const waitMs = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * (0.5 + random.fraction() / 2);
      if (error.kind !== 'transient' || signal.aborted || clock.now() + waitMs >= until) return error;
      await clock.sleep(waitMs, signal);
    }
  }
}

/** Without a reason of its own each abort would make an error, with a stack that nobody reads. */
const OVER = 'over';

/**
 * Runs `work` with a signal that aborts at `endsAt` (epoch milliseconds by `clock`), or with `parent`.
 */
export async function withDeadline<T>(
  endsAt: number,
  { clock, parent }: { readonly clock: Clock; readonly parent?: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  // Not AbortSignal.any, whose weak references cost more than all else here.
  const follow = () => deadline.abort(parent?.reason);
  parent?.addEventListener('abort', follow);
  if (parent?.aborted) follow();
  const done = new AbortController();
  const watch = clock.sleep(endsAt - clock.now(), done.signal).then(() => {
    if (!done.signal.aborted)
      deadline.abort(new DOMException('the time for this step is over', 'TimeoutError'));
  });
  try {
    return await work(deadline.signal);
  } finally {
    parent?.removeEventListener('abort', follow);
    done.abort(OVER);
    await watch;
  }
}
