import type { Secret } from '../oauth/secret.ts';
import type { StoredRefreshToken } from '../refresh/ports.ts';
import { numberField, type SecretFields, secretField } from './secret-json.ts';
import { malformed, refuseNewerSchema, SCHEMA } from './stored-schema.ts';

/**
 * The refresh token that stored fields hold. A person may have stored nothing but `refresh_token`;
 * it then counts as obtained at `createdAt` (epoch milliseconds).
 * @throws StoreError `malformed`
 */
export function parseRefreshToken(
  { schema, ...fields }: SecretFields,
  createdAt: number,
  where: string,
): StoredRefreshToken {
  refuseNewerSchema(schema, where);
  const { refresh_token, obtained_at, expires_at, attempt, replaces, ...unknown } = fields;
  const token = secretField({ refresh_token }, 'refresh_token', where);
  if (token === undefined) throw malformed(where, 'has no "refresh_token"');
  const obtainedAt = numberField({ obtained_at }, 'obtained_at', where) ?? Math.floor(createdAt / 1000);
  return {
    refresh_token: token,
    obtained_at: obtainedAt,
    ...present('expires_at', numberField({ expires_at }, 'expires_at', where)),
    ...present('attempt', secretField({ attempt }, 'attempt', where)?.reveal()),
    ...present('replaces', secretField({ replaces }, 'replaces', where)?.reveal()),
    ...(Object.keys(unknown).length > 0 && { unknown }),
  };
}

/** The fields to store: what this version knows, in one fixed order, then what it does not. */
export function refreshTokenFields({ unknown, ...token }: StoredRefreshToken): SecretFields {
  const known: Record<string, Secret | string | number | undefined> = {
    schema: SCHEMA,
    refresh_token: token.refresh_token,
    obtained_at: token.obtained_at,
    expires_at: token.expires_at,
    attempt: token.attempt,
    replaces: token.replaces,
  };
  return { ...known, ...unknown, ...known };
}

function present<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
