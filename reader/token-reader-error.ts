/**
 * Why there is no token to give:
 *
 * - `no-token-yet`: the connection is declared and its secret is still empty; the first refresh fills it.
 * - `unknown-connection`: there is no such secret, or it is marked for deletion, or points to a parameter that is gone.
 * - `access-denied`: the caller may not read the secret or the parameter that it points to, or not use the key.
 * - `token-expired`: the newest token that was published has expired.
 * - `malformed-token`: the secret or the parameter does not hold what Evertoken publishes.
 * - `read-failed`: Secrets Manager or Parameter Store did not answer, or refused for a reason that may pass.
 */
export type TokenReaderErrorCode =
  | 'no-token-yet'
  | 'unknown-connection'
  | 'access-denied'
  | 'token-expired'
  | 'malformed-token'
  | 'read-failed';

/** No usable token. The message says what to look at; it holds no token and nothing that was read. */
export class TokenReaderError extends Error {
  override readonly name = 'TokenReaderError';
  readonly code: TokenReaderErrorCode;
  /** Name or ARN of the secret. */
  readonly secretId: string;
  /** The parameter that the secret points to, where the problem is with that. */
  readonly parameter: string | undefined;

  /** @param problem what is wrong with the secret or the parameter, and what to look at */
  constructor(code: TokenReaderErrorCode, secretId: string, problem: string, parameter?: string) {
    super(`${secretId} ${parameter ? `points to the parameter ${parameter}, which ` : ''}${problem}`);
    this.code = code;
    this.secretId = secretId;
    this.parameter = parameter;
  }
}
