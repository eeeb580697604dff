import { tokenText } from '../../functions/aws/secrets/credential-text.ts';
import { numberField, parseSecretJson, secretField } from '../../functions/aws/secrets/secret-json.ts';
import { writtenNumber } from '../../functions/aws/stored-schema.ts';
import { nameProblem } from '../../functions/connections/connection-name.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import type { BroughtRefreshToken } from '../../functions/refresh/store-refresh-token.ts';
import { WrongUsage } from '../command-failed.ts';

/** Whatever is no printable ASCII in one piece was not meant to be a token. */
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * A refresh token as a person brought it: the token alone, or JSON with `refresh_token` and, where known,
 * `expires_at` in epoch seconds. No message repeats a value.
 * @throws WrongUsage
 */
export function readRefreshTokenInput(text: Secret, where: string): BroughtRefreshToken {
  const trimmed = text.reveal().trim();
  return trimmed.startsWith('{')
    ? fromJson(text, where)
    : { refresh_token: checked(new Secret(trimmed), where) };
}

function fromJson(text: Secret, where: string): BroughtRefreshToken {
  let token: Secret | undefined;
  let expiresAt: number | undefined;
  try {
    const fields = parseSecretJson(text, where);
    const stored = secretField(fields, 'refresh_token', where);
    token = stored && tokenText(stored);
    expiresAt = numberField(fields, 'expires_at', where);
  } catch {
    token = undefined;
  }
  if (token === undefined) {
    throw new WrongUsage(
      `${where}: expected the refresh token alone, or JSON such as {"refresh_token": "…", "expires_at": 1790000000}.`,
    );
  }
  return {
    refresh_token: checked(token, where),
    ...(expiresAt !== undefined && { expiresAt: expiresAt * 1000 }),
  };
}

function checked(token: Secret, where: string): Secret {
  if (TOKEN.test(token.reveal())) return token;
  throw new WrongUsage(`${where}: what is there is no refresh token: it holds spaces or line breaks.`);
}

/** The key of a file under which they lie. */
export const REFRESH_TOKENS = 'refreshTokens';

/**
 * The `refreshTokens` of a file, by connection: the token alone, or an object with `refresh_token` and `expires_at`;
 * none where the file has no such key. No message repeats a value.
 * @throws WrongUsage
 */
export function readRefreshTokens(text: Secret, file: string): ReadonlyMap<string, BroughtRefreshToken> {
  const fields = parseSecretJson(text, file)[REFRESH_TOKENS];
  if (fields === undefined) return new Map();
  if (!isObject(fields)) {
    throw new WrongUsage(`${file}: ${REFRESH_TOKENS}: expected an object of tokens by connection`);
  }
  const entries = Object.entries(fields).map(([name, value]) => {
    const where = `${file}: ${REFRESH_TOKENS}[${JSON.stringify(name)}]`;
    const problem = nameProblem(name);
    if (problem !== undefined) throw new WrongUsage(`${where}: the name ${problem}`);
    return [name, readOne(value, where)] as const;
  });
  return new Map(entries);
}

function readOne(value: unknown, where: string): BroughtRefreshToken {
  if (value instanceof Secret) return readRefreshTokenInput(value, where);
  const { refresh_token: token, expires_at: end } = isObject(value) ? value : {};
  const expiresAt = typeof end === 'number' ? end : writtenNumber(end);
  const knowsEnd = expiresAt !== undefined;
  if (!(token instanceof Secret) || (end !== undefined && !knowsEnd)) {
    throw new WrongUsage(`${where}: expected the token, or {"refresh_token": "…", "expires_at": 1790000000}`);
  }
  return { ...readRefreshTokenInput(token, where), ...(knowsEnd && { expiresAt: expiresAt * 1000 }) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}
