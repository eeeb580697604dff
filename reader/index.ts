export { accessToken, authorizationHeader, fetchWithToken } from './default-reader.ts';
export type { ExistingSecret, TokenLocation } from './token-location.ts';
export {
  type AccessTokenOptions,
  type AuthorizationHeaderOptions,
  createTokenReader,
  type FetchWithTokenOptions,
  type TokenReader,
  type TokenReaderOptions,
} from './token-reader.ts';
export { TokenReaderError, type TokenReaderErrorCode } from './token-reader-error.ts';
