import type { Clock, Random } from './clock.ts';
import { withDeadline } from './deadline.ts';
import type { CallOptions } from './ports.ts';
import { StoreError } from './store-error.ts';

const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 5_000;

/**
 * Repeats a write that may be repeated safely until it succeeds, is refused for good, or `until` (epoch
 * milliseconds) has come, when a call under way is aborted too. Answers with the last error, or
 * `undefined` for success.
 */
export function insist(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { until, signal: parent }: { readonly until: number; readonly signal: AbortSignal },
  write: (options: CallOptions) => Promise<void>,
): Promise<StoreError | undefined> {
  return withDeadline(until, { clock, parent }, async (signal) => {
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
  });
}
