/**
 * What a failed exchange is evidence of:
 * - `refused`: an explicit code in a readable 4xx says that the refresh token, code or password is dead;
 * - `client-refused`: the client is refused, under any code for it;
 * - `configuration`: a person must change the request or what it needs, as an explicit code or a check of our
 *   own says; nothing was spent;
 * - `throttled`: too many requests;
 * - `unsure`: refused, and nothing says for sure what was: a block page, a route that is gone, a code that
 *   nobody knows, words that speak of a moment;
 * - `never-sent`: the request provably never left (name lookup, connect);
 * - `unanswered`: sent, and no trustworthy answer came (time-out, reset, any 5xx, a 2xx that is no success): a
 *   refresh token may have been spent.
 */
export type TokenErrorKind =
  | 'refused'
  | 'client-refused'
  | 'configuration'
  | 'throttled'
  | 'unsure'
  | 'never-sent'
  | 'unanswered';

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
  /** The provider says that the access token has too long to live for another. */
  readonly isEarly: boolean;

  constructor(
    kind: TokenErrorKind,
    code: string,
    message: string,
    options: {
      status?: number | undefined;
      retryAfterMs?: number | undefined;
      isEarly?: boolean;
    } = {},
  ) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.isEarly = options.isEarly ?? false;
  }

  /** Whether a refresh token that was sent may have been spent: no answer, or a success that is an error. */
  get mayHaveSpent(): boolean {
    if (this.kind === 'unanswered') return true;
    const status = this.status ?? 0;
    return this.kind === 'throttled' && status >= 200 && status < 300;
  }
}
