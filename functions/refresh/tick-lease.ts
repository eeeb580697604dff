import type { Fleet, TickRecord } from './ports/state-table.ts';
import type { RefreshPorts } from './refresh-run.ts';

/** Shorter than the time between two ticks: one that is killed holds up no more than the next. */
const TICK_LEASE_MS = 45_000;
const RENEW_EVERY_MS = 15_000;
/** Whoever comes later is nearer to the end of a tick that works for longer. */
const FOLLOWED_WITHIN_MS = 60_000;
/** A tick releases its lease when nearly all that it began has ended. */
const FOLLOW_MS = 15_000;
const FOLLOW_EVERY_MS = 500;

/** Ends the right to be the tick, with what it came to; answers with what reconciling saw. */
export type ReleaseTick = (record?: TickRecord) => Promise<Fleet | undefined>;

/**
 * Runs `work` as the only tick; `undefined` when another tick is running. The lease is renewed while the
 * work lasts, or until it releases it with what it came to; connections have leases of their own, so that losing
 * this one costs work and never a token. Work that fails, or says nothing, leaves no record.
 * @param worksUntil when it begins with nothing more, epoch milliseconds
 * @throws StoreError when the lease cannot be asked for; whatever `work` throws
 */
export async function withTickLease<T>(
  { clock, random, state, log }: Pick<RefreshPorts, 'clock' | 'random' | 'state' | 'log'>,
  worksUntil: number,
  work: (release: ReleaseTick) => Promise<T>,
): Promise<T | undefined> {
  const owner = random.uuid();
  const lease = () => state.leaseTick(owner, clock.now(), clock.now() + TICK_LEASE_MS, { worksUntil });
  if (!(await lease())) return undefined;
  const done = new AbortController();
  const renewing = renew();
  const release = async (record?: TickRecord) => {
    if (done.signal.aborted) return undefined;
    done.abort();
    await renewing;
    return state.releaseTick(owner, record).catch(noted('released'));
  };
  try {
    return await work(release);
  } finally {
    await release();
  }

  async function renew(): Promise<void> {
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, done.signal);
      if (done.signal.aborted) return;
      await lease().catch(noted('renewed'));
    }
  }

  function noted(what: string) {
    return (error: unknown): undefined => {
      log.warn(`the lease of the tick could not be ${what}`, {
        error: error instanceof Error ? error.name : 'unknown',
      });
    };
  }
}

/**
 * Waits for the tick that runs to begin its last, and follows it at once: of a backlog that outlasts a tick nothing
 * waits for the next minute. `undefined` where that tick works for longer than until the next one comes, or goes on.
 * @param run a tick; `undefined` while another is running
 * @throws whatever `run` throws
 */
export async function followTick<T>(
  { clock, state }: Pick<RefreshPorts, 'clock' | 'state'>,
  run: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const worksUntil = await state.tickWorksUntil();
  const waitMs = (worksUntil ?? Number.POSITIVE_INFINITY) - clock.now();
  if (waitMs > FOLLOWED_WITHIN_MS) return undefined;
  await clock.sleep(Math.max(0, waitMs));
  const until = clock.now() + FOLLOW_MS;
  for (;;) {
    const result = await run();
    if (result !== undefined || clock.now() >= until) return result;
    await clock.sleep(FOLLOW_EVERY_MS);
  }
}
