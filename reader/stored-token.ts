import type { TokenSource } from './token-location.ts';
import { TokenReaderError } from './token-reader-error.ts';

/** RFC 6749, appendix A.12. Anything else would be quoted in the error of whoever builds the header. */
const ACCESS_TOKEN = /^[\x20-\x7e]+$/;

/** The year 5138 in epoch seconds. What is larger was written in milliseconds, and would never expire. */
const LAST_EXPIRES_AT = 1e11;

/** A token in memory. The value is a private field, so that no printing, inspection or JSON shows it. */
export class StoredToken {
  readonly #accessToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;

  constructor(accessToken: string, expiresAt: number) {
    this.#accessToken = accessToken;
    this.expiresAt = expiresAt;
  }

  reveal(): string {
    return this.#accessToken;
  }

  /** Whether `text` is this token, or a header that ends in it. */
  isIn(text: string | undefined): boolean {
    return text?.endsWith(this.#accessToken) ?? false;
  }
}

/**
 * The token in the JSON of a secret. Its `schema` does not matter: fields of a token are only ever added.
 * @throws TokenReaderError `malformed-token`, which quotes nothing of the secret.
 */
export function parseStoredToken(text: string | undefined, { secretId, fields }: TokenSource): StoredToken {
  const { access_token: accessTokenKey = 'access_token', expires_at: expiresAtKey = 'expires_at' } = fields;
  const refuse = (problem: string): never => {
    throw new TokenReaderError('malformed-token', secretId, `holds no token: ${problem}`);
  };
  const stored = parseObject(text ?? '') ?? refuse('it is not a JSON object');
  const accessToken = stored[accessTokenKey];
  const expiresAt = stored[expiresAtKey];
  if (typeof accessToken !== 'string' || !ACCESS_TOKEN.test(accessToken)) {
    return refuse(`"${accessTokenKey}" is not printable ASCII`);
  }
  if (typeof expiresAt !== 'number' || !(expiresAt > 0 && expiresAt < LAST_EXPIRES_AT)) {
    return refuse(`"${expiresAtKey}" is not in epoch seconds`);
  }
  return new StoredToken(accessToken, expiresAt * 1000);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    // The parser's message quotes what it read.
    return undefined;
  }
}
