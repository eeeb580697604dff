import { tokenText } from '../../functions/aws/secrets/credential-text.ts';
import { numberField, parseSecretJson, secretField } from '../../functions/aws/secrets/secret-json.ts';
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
