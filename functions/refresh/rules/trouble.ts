import type { Failure } from './classify-failure.ts';

/** A failure that somebody reads about. */
export type Trouble = Pick<Failure, 'outcome' | 'source' | 'kind' | 'code' | 'message'>;

/** What of a connection a remedy speaks of. */
export interface Remedied {
  readonly name: string;
  /** The secret; absent where the role's own identity stands in for it. */
  readonly credentials: string | undefined;
  readonly grants: readonly string[];
  /** When it is tried again, epoch milliseconds. */
  readonly dueAt: number;
  /** A refresh token was left without an answer, and is sent again then. Default false. */
  readonly isOpen?: boolean;
}

/** The code of a state in which something cannot be read. */
export const UNREADABLE_STATE = 'unreadable_state';
