import type { ConnectionState } from './connection-state.ts';

/** A lease that is held: whose, on what, until when. */
export interface LeaseHold {
  readonly name: string;
  readonly owner: string;
  /** The state as the lease found it. A refresh reads no other copy. */
  readonly state: ConnectionState;
  /** When the lease or the function ends, whichever comes first: epoch milliseconds. */
  readonly endsAt: number;
  /** Aborts every call 5 s before that. */
  readonly signal: AbortSignal;
}
