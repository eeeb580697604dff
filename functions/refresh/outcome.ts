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
