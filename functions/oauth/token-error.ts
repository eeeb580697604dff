/**
 * What a failed exchange means for the connection:
 * - `invalid-grant`: the refresh token, code or password is dead;
 * - `configuration`: a person must change credentials or the connection;
 * - `throttled`: too many requests;
 * - `transient`: the provider answered that it cannot now; nothing was spent;
 * - `never-sent`: the request provably never left (name lookup, connect);
 * - `no-answer`: sent, and no trustworthy answer came: a refresh token may have been spent;
 * - `unknown`: an error that no rule explains.
 */
export type TokenErrorKind =
  | 'invalid-grant'
  | 'configuration'
  | 'throttled'
  | 'transient'
  | 'never-sent'
  | 'no-answer'
  | 'unknown';

/** A failed exchange in words that are safe to log: no body, no header, no request. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly kind: TokenErrorKind;
  /** The provider's error code, or ours, e.g. `invalid_grant`, `connect_timeout`, `http_503`. */
  readonly code: string;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;
  /** From Retry-After, in milliseconds from the answer, at most one hour. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: TokenErrorKind,
    code: string,
    message: string,
    options: { status?: number | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}
