import type { TickRecord } from './ports/state-table.ts';
import type { RefreshPorts } from './refresh-run.ts';

/** Shorter than the time between two ticks: one that is killed holds up no more than the next. */
const TICK_LEASE_MS = 45_000;
const RENEW_EVERY_MS = 15_000;

/**
 * Runs `work` as the only tick; `undefined` when another tick is running. The lease is renewed while the
 * work lasts, or until it releases it with what it came to; connections have leases of their own, so that losing
 * this one costs work and never a token. Work that fails, or says nothing, leaves no record.
 * @throws StoreError when the lease cannot be asked for; whatever `work` throws
 */
export async function withTickLease<T>(
  { clock, random, state, log }: Pick<RefreshPorts, 'clock' | 'random' | 'state' | 'log'>,
  work: (release: (record?: TickRecord) => Promise<void>) => Promise<T>,
): Promise<T | undefined> {
  const owner = random.uuid();
  const lease = () => state.leaseTick(owner, clock.now(), clock.now() + TICK_LEASE_MS);
  if (!(await lease())) return undefined;
  const done = new AbortController();
  const renewing = renew();
  const release = async (record?: TickRecord) => {
    if (done.signal.aborted) return;
    done.abort();
    await renewing;
    await state.releaseTick(owner, record).catch(noted('released'));
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
    return (error: unknown) => {
      log.warn(`the lease of the tick could not be ${what}`, {
        error: error instanceof Error ? error.name : 'unknown',
      });
    };
  }
}
