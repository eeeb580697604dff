import type { TokenSource } from './token-location.ts';
import { TokenReaderError } from './token-reader-error.ts';

/** RFC 6749, appendix A.12. Anything else would be quoted in the error of whoever builds the header. */
const ACCESS_TOKEN = /^[\x20-\x7e]+$/;

/** The year 5138 in epoch seconds. What is larger was written in milliseconds, and would never expire. */
const LAST_EXPIRES_AT = 1e11;

/** A name, not an ARN, of where short-lived tokens lie: `/<namespace>/tokens/<connection>`. */
const PARAMETER_NAME = /^\/[\w.-]+\/tokens(\/[\w.-]+)+$/;

/** How an API wants to see its token, where that is not `Authorization: Bearer …`. */
export interface Presentation {
  /** The header that carries it. */
  readonly header: string;
  /** What stands before it and a space; empty for the bare token. */
  readonly scheme: string;
  /** Headers of a constant value beside it. */
  readonly headers: Readonly<Record<string, string>>;
}

const BEARER: Presentation = { header: 'authorization', scheme: 'Bearer', headers: {} };

export interface StoredTokenProps {
  readonly accessToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** @default unlimited: nothing says when the token was obtained */
  readonly lifetimeMs?: number | undefined;
  /** The parameter that holds the token. @default the secret itself does */
  readonly parameter?: string | undefined;
  /** @default `Authorization: Bearer …` */
  readonly presentation?: Presentation | undefined;
}

/** A token in memory. The value is a private field, so that no printing, inspection or JSON shows it. */
export class StoredToken {
  readonly #accessToken: string;
  readonly expiresAt: number;
  readonly lifetimeMs: number;
  readonly parameter: string | undefined;
  readonly presentation: Presentation;

  constructor({
    accessToken,
    expiresAt,
    lifetimeMs = Infinity,
    parameter,
    presentation = BEARER,
  }: StoredTokenProps) {
    this.#accessToken = accessToken;
    this.expiresAt = expiresAt;
    this.lifetimeMs = lifetimeMs;
    this.parameter = parameter;
    this.presentation = presentation;
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
 * The token in the JSON of a secret or of `parameter`, or where a secret says that the token is: the name of a
 * parameter. Its `schema` does not matter: fields of a token are only ever added.
 * @throws TokenReaderError `malformed-token`, which quotes nothing of the secret.
 */
export function parseStored(text: string | undefined, source: TokenSource): StoredToken | string;
export function parseStored(text: string | undefined, source: TokenSource, parameter: string): StoredToken;
export function parseStored(
  text: string | undefined,
  { secretId, fields }: TokenSource,
  parameter?: string,
): StoredToken | string {
  const {
    access_token: accessTokenKey = 'access_token',
    expires_at: expiresAtKey = 'expires_at',
    obtained_at: obtainedAtKey = 'obtained_at',
  } = fields;
  const refuse = (problem: string): never => {
    throw new TokenReaderError('malformed-token', secretId, `holds no token: ${problem}`, parameter);
  };
  const stored = parseObject(text ?? '') ?? refuse('it is not a JSON object');
  const { parameter: pointer, [accessTokenKey]: accessToken, [expiresAtKey]: expiresAt } = stored;
  // A pointer holds no token, and a token may come with any further field.
  if (typeof pointer === 'string' && accessToken === undefined && parameter === undefined) {
    return PARAMETER_NAME.test(pointer)
      ? pointer
      : refuse('"parameter" is not the name of one under "/…/tokens/"');
  }
  if (typeof accessToken !== 'string' || !ACCESS_TOKEN.test(accessToken)) {
    return refuse(`"${accessTokenKey}" is not printable ASCII`);
  }
  if (typeof expiresAt !== 'number' || !(expiresAt > 0 && expiresAt < LAST_EXPIRES_AT)) {
    return refuse(`"${expiresAtKey}" is not in epoch seconds`);
  }
  const lifetimeMs = (expiresAt - Number(stored[obtainedAtKey])) * 1000;
  return new StoredToken({
    accessToken,
    expiresAt: expiresAt * 1000,
    lifetimeMs: lifetimeMs > 0 ? lifetimeMs : undefined,
    parameter,
    presentation: presentationOf(stored['presentation']),
  });
}

/** Whatever is not one is passed over: a token is worth more than how it is shown. */
function presentationOf(value: unknown): Presentation | undefined {
  const { header, scheme, headers } = Object(value);
  const isOne = typeof header === 'string' && typeof scheme === 'string';
  return isOne ? { header, scheme, headers: Object(headers) } : undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    // The parser's message quotes what it read.
    return undefined;
  }
}
