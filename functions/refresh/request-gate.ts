import type { Clock, Log, Metrics } from './ports/outside.ts';
import type { RefusalOfRequest, StateTable } from './ports/state-table.ts';

/**
 * What all events of a minute may ask for, however many and whatever they name. Twice what one may name; some
 * 10 writes of secrets a second, beside the 20 of a tick, of the 50 that the account has for everyone.
 */
export const REQUEST_BUDGET = { names: 200, windowMs: 60_000 };

/** How long one process refuses by itself, and keeps no further note of the same: a flood is not written down. */
const QUIET_MS = 5_000;

/** Where a request by event came from. */
export interface RequestOrigin {
  /** Empty where the event named none that can be. */
  readonly account: string;
  /** Made harmless. */
  readonly source: string;
}

export interface RequestGatePorts {
  readonly state: Pick<StateTable, 'admitRequest' | 'noteRefusedRequest'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Lets in what events ask for, within a budget that the whole deployment has, and tells of what it refuses. One for
 * each process.
 */
export class RequestGate {
  #closedUntil = 0;
  readonly #notedAt = new Map<RefusalOfRequest, number>();

  /** Whether a request for so many names is let in. @throws StoreError when the state table cannot be reached */
  async admit(names: number, { state, clock }: RequestGatePorts): Promise<boolean> {
    const now = clock.now();
    if (now < this.#closedUntil) return false;
    const isAdmitted = await state.admitRequest(names, now, REQUEST_BUDGET);
    if (!isAdmitted) this.#closedUntil = now + QUIET_MS;
    return isAdmitted;
  }

  /** Counts a request that is refused, and keeps it as the last one. Never throws: telling fails nothing. */
  async refuse(
    reason: RefusalOfRequest,
    { account, source }: RequestOrigin,
    { state, clock, metrics, log }: RequestGatePorts,
  ): Promise<void> {
    metrics.count('RequestsRefused');
    const now = clock.now();
    if (now - (this.#notedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.#notedAt.set(reason, now);
    log.warn('a request by event was refused', { code: reason, account, source });
    try {
      await state.noteRefusedRequest({ at: now, reason, account, source });
    } catch (error) {
      log.warn('a refused request could not be noted', { code: (error as { code?: unknown }).code });
    }
  }
}
