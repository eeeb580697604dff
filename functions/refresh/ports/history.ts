import type { Outcome } from '../connection-state.ts';
import type { CallOptions } from './outside.ts';

/** Why a refresh was begun. */
export type Trigger = 'schedule' | 'wake-up' | 'request' | 'rotation';

/** What one try came to, or several that failed alike one after the other. Nothing in it is secret. */
export interface PastOutcome {
  /** When it ended, epoch milliseconds; of several the last. */
  readonly at: number;
  /** When the first of them ended. */
  readonly since: number;
  /** How many there were: 1 for anything but repeated failures. */
  readonly times: number;
  /** Of the last. */
  readonly trigger: Trigger;
  /** Absent where none was tried. */
  readonly grant?: string;
  readonly outcome: Outcome;
  /** The error's code and words, safe to show; absent after a success. */
  readonly code?: string;
  readonly message?: string;
  /** HTTP status of an answer that refused. */
  readonly status?: number;
  /** How long the token endpoint took. */
  readonly exchangeMs?: number;
  /** How long storing the refresh token and publishing the token took. */
  readonly storeMs?: number;
  /** How long after it was due it was begun; absent for what was asked for. */
  readonly lateMs?: number;
}

/** The outcomes that are kept of each connection. */
export const KEPT_OUTCOMES = 50;

/** Gathers outcomes; `flush` writes them. Remembering never fails a refresh. */
export interface History {
  /** @param slot 0 to 49; what stands there is replaced */
  add(name: string, slot: number, outcome: PastOutcome): void;
  flush(options?: CallOptions): Promise<void>;
}
