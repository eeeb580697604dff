import type { Secret } from './secret.ts';

/** What a token endpoint answered with success, RFC 6749 section 5.1, before anyone decides about it. */
export interface TokenSet {
  readonly access_token: Secret;
  /** As the provider wrote it; `Bearer` when it said nothing. */
  readonly token_type: string;
  /** Absent when omitted, null or empty: the old one stays (RFC 6749 section 6). */
  readonly refresh_token?: Secret;
  readonly id_token?: Secret;
  /** Space-delimited. Absent means as requested (RFC 6749 section 5.1). */
  readonly scope?: string;
  /** From the start of the request. Absent when the answer does not say, or says nothing usable. */
  readonly expiresInSeconds?: number;
  /** Remaining lifetime of the refresh token, where the answer says. */
  readonly refreshTokenExpiresInSeconds?: number;
  /** The allow-listed further fields. */
  readonly extras: Readonly<Record<string, string | number | boolean>>;
}

/** What an exchange came to. A failure is thrown as TokenError. */
export interface Exchange {
  readonly token: TokenSet;
  /** Start of the request, epoch milliseconds: lifetimes count from here. */
  readonly requestedAt: number;
}
