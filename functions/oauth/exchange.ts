import type { Credentials } from './credentials.ts';
import type { EndpointRules } from './endpoint-rules.ts';
import type { Secret } from './secret.ts';
import type { TokenSet } from './token-set.ts';

/** Where and how to ask for one token. */
export interface TokenRequestInput extends EndpointRules {
  /** The URL to which this grant goes. */
  readonly tokenUrl: string;
  readonly grantType: string;
  readonly credentials: Credentials;
  /** Space-delimited, as declared. Sent on refresh only when declared (RFC 6749 section 6). */
  readonly scope?: string | undefined;
  readonly refresh_token?: Secret;
  readonly code?: Secret;
  readonly redirect_uri?: string;
  readonly code_verifier?: Secret;
  readonly device_code?: Secret;
}

/** What an exchange came to. A failure is thrown as TokenError. */
export interface Exchange {
  readonly token: TokenSet;
  /** Start of the request, epoch milliseconds: lifetimes count from here. */
  readonly requestedAt: number;
}
