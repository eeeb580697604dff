import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { authorizedFetch } from './authorized-fetch.ts';
import { createTokenRead } from './read-token.ts';
import { StoredToken } from './stored-token.ts';
import { createTokenCache } from './token-cache.ts';
import { DEFAULT_NAMESPACE, type TokenLocation, tokenSource } from './token-location.ts';
import { refuseUnknown } from './unknown-options.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface TokenReaderOptions {
  /** @default a client with the SDK's own settings: Region, credentials and endpoint of the environment */
  readonly client?: SecretsManagerClient | undefined;
  /**
   * Reads tokens that lie in a parameter, to which their secret points.
   * @default one with the Region, credentials and request handler of `client`, made when the first such token is read
   */
  readonly ssm?: SSMClient | undefined;
  /** @default 'evertoken' */
  readonly namespace?: string | undefined;
  /** The time in epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** How long one read may take, in milliseconds, a parameter and the SDK's retries included. @default 5_000 */
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
  /** @default what the provider's API wants, else 'Bearer' (RFC 6750), whatever `token_type` says */
  readonly scheme?: string | undefined;
}

export interface FetchWithTokenOptions {
  /** @default what the provider's API wants, else 'Bearer' */
  readonly scheme?: string | undefined;
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

/** Three functions that need no `this`. They reject with a TokenReaderError, or a TypeError for wrong usage. */
export interface TokenReader {
  /** An access token that has not expired. */
  accessToken(location: TokenLocation, options?: AccessTokenOptions): Promise<string>;
  /** The value of the `Authorization` header, or of what the provider's API has in its place: `Bearer` and the token. */
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
    client = new SecretsManagerClient({}),
    ssm,
    namespace = DEFAULT_NAMESPACE,
    now = Date.now,
    readTimeoutMs = 5_000,
    ...unknown
  } = options;
  refuseUnknown(unknown);
  const cache = createTokenCache(createTokenRead({ client, ssm, readTimeoutMs, now }), now);

  function read(
    location: TokenLocation,
    { rejected, signal, ...unknown }: AccessTokenOptions,
  ): StoredToken | Promise<StoredToken> {
    refuseUnknown(unknown);
    const token = cache.get(tokenSource(location, namespace), rejected);
    return signal ? unlessAborted(Promise.resolve(token), signal) : token;
  }

  return {
    async accessToken(location, options = {}) {
      const token = read(location, options);
      // To wait for what is at hand takes longer than all the rest.
      return (token instanceof StoredToken ? token : await token).reveal();
    },
    async authorizationHeader(location, { scheme, ...options } = {}) {
      const token = read(location, options);
      return headerValue(token instanceof StoredToken ? token : await token, scheme);
    },
    fetchWithToken(location, { fetch, scheme, ...options } = {}) {
      return authorizedFetch(async (rejected, signal) => {
        const token = await read(location, { ...options, rejected, signal });
        const { header, headers } = token.presentation;
        return { name: header, value: headerValue(token, scheme), others: headers };
      }, fetch);
    },
  };
}

/** An empty scheme is none: the bare token. */
function headerValue(token: StoredToken, scheme = token.presentation.scheme): string {
  return scheme === '' ? token.reveal() : `${scheme} ${token.reveal()}`;
}
