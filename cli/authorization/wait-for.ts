import { durationText } from '../../functions/text/times.ts';
import { CommandFailed } from '../command-failed.ts';
import type { Io } from '../io.ts';

/**
 * What `answer` comes to, when it comes in time.
 * @throws CommandFailed when it does not, or the person interrupts
 */
export async function waitFor<T>(
  answer: Promise<T>,
  timeoutMs: number,
  { clock, signal }: Pick<Io, 'clock' | 'signal'>,
): Promise<T> {
  const waiting = new AbortController();
  const over = clock.sleep(timeoutMs, AbortSignal.any([signal, waiting.signal])).then(() => {
    if (waiting.signal.aborted) return undefined as never;
    throw new CommandFailed(
      signal.aborted
        ? 'Interrupted. Nothing was stored.'
        : `Nobody signed in within ${durationText(timeoutMs)}. Nothing was stored. Start again, or allow more with --timeout.`,
    );
  });
  try {
    return await Promise.race([answer, over]);
  } finally {
    waiting.abort();
  }
}
