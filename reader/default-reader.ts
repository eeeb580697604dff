import type { TokenLocation } from './token-location.ts';
import {
  type AccessTokenOptions,
  type AuthorizationHeaderOptions,
  createTokenReader,
  type FetchWithTokenOptions,
  type TokenReader,
} from './token-reader.ts';

let reader: TokenReader | undefined;

/** Made at the first use: importing this has no effect, and the environment may be set after it. */
function defaultReader(): TokenReader {
  reader ??= createTokenReader({ namespace: process.env['EVERTOKEN_NAMESPACE'] || undefined });
  return reader;
}

/**
 * An access token that has not expired, from the cache until 60 s before it expires. The namespace is that of
 * the environment variable `EVERTOKEN_NAMESPACE`, else `evertoken`; Region and credentials are the SDK's.
 * @throws TokenReaderError whose `code` says why there is none
 */
export function accessToken(location: TokenLocation, options?: AccessTokenOptions): Promise<string> {
  return defaultReader().accessToken(location, options);
}

/** The value of the `Authorization` header: `Bearer` and the token. @throws TokenReaderError as `accessToken` */
export function authorizationHeader(
  location: TokenLocation,
  options?: AuthorizationHeaderOptions,
): Promise<string> {
  return defaultReader().authorizationHeader(location, options);
}

/**
 * A `fetch` that sends the token, and reads it again once when the answer is 401: see `TokenReader`. The
 * promise that it returns rejects with a TokenReaderError as `accessToken`'s.
 */
export function fetchWithToken(location: TokenLocation, options?: FetchWithTokenOptions): typeof fetch {
  return defaultReader().fetchWithToken(location, options);
}
