import type { ConnectionState } from './connection-state.ts';
import type { Clock } from './ports.ts';
import { STEPS } from './timing.ts';

/** A lease that is held: whose, on what, until when. */
export interface LeaseHold {
  readonly name: string;
  readonly owner: string;
  /** The state as the lease found it. A refresh reads no other copy. */
  readonly state: ConnectionState;
  /** Epoch milliseconds. */
  readonly endsAt: number;
  /** When the process may be frozen or killed, epoch milliseconds. */
  readonly functionEndsAt: number;
  /** Aborts every call 5 s before the lease ends. */
  readonly signal: AbortSignal;
}

/** Milliseconds left of both lease and function. */
export function timeLeftMs(hold: Pick<LeaseHold, 'endsAt' | 'functionEndsAt'>, now: number): number {
  return Math.min(hold.endsAt, hold.functionEndsAt) - now;
}

/** Runs `work` with a signal that aborts shortly before `endsAt`. */
export async function withLeaseSignal<T>(
  endsAt: number,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const calls = new AbortController();
  const done = new AbortController();
  const watch = clock.sleep(endsAt - STEPS.abortBeforeEndMs - clock.now(), done.signal).then(() => {
    if (!done.signal.aborted) calls.abort(new DOMException('the lease is about to end', 'TimeoutError'));
  });
  try {
    return await work(calls.signal);
  } finally {
    done.abort();
    await watch;
  }
}
