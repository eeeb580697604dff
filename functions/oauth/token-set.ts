import type { Secret } from './secret.ts';
import type { TokenError } from './token-error.ts';

/** What a token endpoint's answer holds, RFC 6749 section 5.1, before anyone decides about it. */
export interface TokenSet {
  /** Absent where the answer brought none that can be used; `Exchange.problem` says why. */
  readonly access_token?: Secret;
  /** As the provider wrote it; `Bearer` when it said nothing. */
  readonly token_type: string;
  /** Absent when omitted, null or empty: the old one stays (RFC 6749 section 6). */
  readonly refresh_token?: Secret;
  readonly id_token?: Secret;
  /** Space-delimited. Absent means as requested (RFC 6749 section 5.1). */
  readonly scope?: string;
  /** From the start of the request. 0 where the answer says so; absent when it says nothing usable. */
  readonly expiresInSeconds?: number;
  /** The lifetime was written in a unit that the rules do not name, and was taken for milliseconds. */
  readonly expiresInMilliseconds?: boolean;
  /** Remaining lifetime of the refresh token, where the answer says. */
  readonly refreshTokenExpiresInSeconds?: number;
  /** The allow-listed further fields. */
  readonly extras: Readonly<Record<string, string | number | boolean>>;
}

/** What an exchange brought. One that brought neither an access token nor a refresh token is thrown as TokenError. */
export interface Exchange {
  readonly token: TokenSet;
  /** Start of the request, epoch milliseconds: lifetimes count from here. */
  readonly requestedAt: number;
  /** Why the access token cannot be used, though a refresh token came: that one must be stored first. */
  readonly problem?: TokenError;
}
