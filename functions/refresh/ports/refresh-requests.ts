import type { Outcome, RefreshFailure } from '../connection-state.ts';
import type { CallOptions } from './outside.ts';

/** What refresh-now answers about one connection, as far as who asked is told. */
export interface RefreshAnswer {
  readonly outcome: Outcome;
  readonly error: RefreshFailure | null;
}

/** Asks the deployed refresh-now, from outside the functions that refresh. */
export interface RefreshRequests {
  /**
   * A new token for one connection, though it is not due.
   * @returns `undefined` where the function failed
   * @throws StoreError where it cannot be asked
   */
  refresh(connection: string, options?: CallOptions): Promise<RefreshAnswer | undefined>;
}
