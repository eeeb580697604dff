import type { Connection } from '../connections/connection.ts';

/** One connection's item in the state table. Instants are epoch milliseconds; nothing in it is secret. */
export interface ConnectionState {
  readonly name: string;
  readonly schema: number;
  /** The connection as registered. */
  readonly definition: Connection;
  readonly dueAt: number;
  readonly leaseOwner?: string;
  readonly leaseEndsAt?: number;
  /** The exchange that may have spent a refresh token and is not settled. */
  readonly attempt?: string;
  readonly attemptAt?: number;
  readonly refreshTokenVersionId?: string;
  /** The version that the provider refused for good: it is not sent again. */
  readonly refusedRefreshTokenVersionId?: string;
  readonly tokenVersionId?: string;
  readonly credentialsVersionId?: string;
  readonly expiresAt?: number;
  readonly refreshTokenExpiresAt?: number;
  readonly obtainedAt?: number;
  /** Successful refreshes so far. */
  readonly generation: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Writes of the refresh-token secret, by hour since the epoch, of the last day. */
  readonly writesByHour: Readonly<Record<string, number>>;
  readonly lastOutcome?: LastingOutcome;
  readonly lastErrorCode?: string;
  readonly lastErrorMessage?: string;
  readonly lastErrorSource?: FailureSource;
  /** Since when the connection has been failing with this outcome. */
  readonly lastErrorAt?: number;
  readonly paused?: boolean;
  readonly removedAt?: number;
}

type Changeable = Omit<
  ConnectionState,
  'name' | 'schema' | 'definition' | 'leaseOwner' | 'leaseEndsAt' | 'paused' | 'removedAt'
>;

/** What a commit writes: a value sets the attribute, `null` removes it, an absent key leaves it alone. */
export type StateChange = { readonly [Key in keyof Changeable]?: Changeable[Key] | null };

/** What one refresh came to. */
export type Outcome =
  | 'refreshed'
  | 'fresh'
  | 'busy'
  | 'paused'
  | 'retry-later'
  | 'awaiting-credentials'
  | 'misconfigured'
  | 'needs-reauthorization'
  | 'unknown-connection';

/** Outcomes that are kept in the state: the ones that say how the connection stands. */
export type LastingOutcome = Extract<
  Outcome,
  'refreshed' | 'retry-later' | 'awaiting-credentials' | 'misconfigured' | 'needs-reauthorization'
>;

/** Who said no: the provider, a store of AWS's, or the connection as declared. */
export type FailureSource = 'provider' | 'store' | 'connection';

/** A failure for a person's eyes. */
export interface RefreshFailure {
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}
