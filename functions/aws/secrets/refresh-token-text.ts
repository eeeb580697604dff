import { Secret } from '../../oauth/secret.ts';
import type { StoredRefreshToken } from '../../refresh/ports/stores.ts';
import { MOST_MEMBERS } from '../../refresh/rules/ring.ts';
import { malformed, refuseNewerSchema, SCHEMA } from '../stored-schema.ts';
import { tokenText } from './credential-text.ts';
import { numberField, type SecretFields, secretField, serialiseSecretJson } from './secret-json.ts';

/** A token that is one of a ring: who does not know of rings must not take it for the only one. */
const RING_SCHEMA = 2;

/** What a member of a ring holds before its first refresh token. */
export const EMPTY_MEMBER = new Secret(JSON.stringify({ schema: RING_SCHEMA }));

/** Whether these are the fields of a member that no refresh token was stored in yet. */
export function isEmptyMember(fields: SecretFields): boolean {
  return fields['schema'] === RING_SCHEMA && !('refresh_token' in fields);
}

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
  refuseNewerSchema(schema, where, RING_SCHEMA);
  const { refresh_token, obtained_at, expires_at, attempt, replaces, ring, ...unknown } = fields;
  const stored = secretField({ refresh_token }, 'refresh_token', where);
  const token = stored && tokenText(stored);
  if (token === undefined) throw malformed(where, 'has no "refresh_token"');
  const members = numberField({ ring }, 'ring', where);
  if (members !== undefined && !(Number.isInteger(members) && members >= 1 && members <= MOST_MEMBERS)) {
    throw malformed(where, `has a "ring" that is no whole number from 1 to ${MOST_MEMBERS}`);
  }
  const obtainedAt = numberField({ obtained_at }, 'obtained_at', where) ?? Math.floor(createdAt / 1000);
  return {
    refresh_token: token,
    obtained_at: obtainedAt,
    ...present('expires_at', numberField({ expires_at }, 'expires_at', where)),
    ...present('attempt', secretField({ attempt }, 'attempt', where)?.reveal()),
    ...present('replaces', secretField({ replaces }, 'replaces', where)?.reveal()),
    ...present('ring', members),
    ...(Object.keys(unknown).length > 0 && { unknown }),
  };
}

/** What to store of a refresh token. */
export function refreshTokenText(token: StoredRefreshToken): Secret {
  return serialiseSecretJson(refreshTokenFields(token));
}

/** The fields to store: what this version knows, in one fixed order, then what it does not. */
export function refreshTokenFields({ unknown, ...token }: StoredRefreshToken): SecretFields {
  const known: Record<string, Secret | string | number | undefined> = {
    schema: (token.ring ?? 1) > 1 ? RING_SCHEMA : SCHEMA,
    refresh_token: token.refresh_token,
    obtained_at: token.obtained_at,
    expires_at: token.expires_at,
    attempt: token.attempt,
    replaces: token.replaces,
    ring: token.ring,
  };
  return { ...known, ...unknown, ...known };
}

function present<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
