import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { authorizedFetch } from './authorized-fetch.ts';
import { readToken } from './read-token.ts';
import { createTokenCache } from './token-cache.ts';
import { DEFAULT_NAMESPACE, type TokenLocation, tokenSource } from './token-location.ts';
import { refuseUnknown } from './unknown-options.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface TokenReaderOptions {
  /** @default a client with the SDK's own settings: Region, credentials and endpoint of the environment */
  readonly client?: SecretsManagerClient | undefined;
  /** @default 'evertoken' */
  readonly namespace?: string | undefined;
  /** The time in epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** How long one read may take, in milliseconds, the SDK's retries included. @default 5_000 */
  readonly readTimeoutMs?: number | undefined;
}

export interface AccessTokenOptions {
  /**
   * The token, or the header with it, that an API answered with 401. Unless another is known already, the
   * secret is read again, at most every two seconds. The same token comes back when no other was published.
   */
  readonly rejected?: string | undefined;
  /** Ends the wait of this call, not the read, which others may share. */
  readonly signal?: AbortSignal | null | undefined;
}

export interface AuthorizationHeaderOptions extends AccessTokenOptions {
  /** @default 'Bearer' (RFC 6750), whatever case or prose the provider has for `token_type` */
  readonly scheme?: string | undefined;
}

export interface FetchWithTokenOptions {
  /** @default 'Bearer' */
  readonly scheme?: string | undefined;
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

/** Three functions that need no `this`. They reject with a TokenReaderError, or a TypeError for wrong usage. */
export interface TokenReader {
  /** An access token that has not expired. */
  accessToken(location: TokenLocation, options?: AccessTokenOptions): Promise<string>;
  /** The value of the `Authorization` header: `Bearer` and the token. */
  authorizationHeader(location: TokenLocation, options?: AuthorizationHeaderOptions): Promise<string>;
  /**
   * A `fetch` that sends the token. When the answer is 401, the token is read again, and if there is another
   * one the request is sent once more; a request whose body is a stream, or is inside a Request, is not.
   */
  fetchWithToken(location: TokenLocation, options?: FetchWithTokenOptions): typeof fetch;
}

/** Creates a reader with a cache of its own. @throws TypeError for an option that it does not know */
export function createTokenReader(options: TokenReaderOptions = {}): TokenReader {
  const {
    client,
    namespace = DEFAULT_NAMESPACE,
    now = Date.now,
    readTimeoutMs = 5_000,
    ...unknown
  } = options;
  refuseUnknown(unknown);
  const secretsManager = client ?? new SecretsManagerClient({});
  const cache = createTokenCache((source) => readToken(secretsManager, source, readTimeoutMs), now);

  const reader: TokenReader = {
    async accessToken(location, { rejected, signal, ...unknown } = {}) {
      refuseUnknown(unknown);
      const token = await unlessAborted(cache.get(tokenSource(location, namespace), rejected), signal);
      return token.reveal();
    },
    async authorizationHeader(location, { scheme = 'Bearer', ...options } = {}) {
      return `${scheme} ${await reader.accessToken(location, options)}`;
    },
    fetchWithToken(location, { fetch, ...options } = {}) {
      return authorizedFetch(
        (rejected, signal) => reader.authorizationHeader(location, { ...options, rejected, signal }),
        fetch,
      );
    },
  };
  return reader;
}
