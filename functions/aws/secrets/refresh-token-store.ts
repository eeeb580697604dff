import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Secret } from '../../oauth/secret.ts';
import type { RefreshTokenStore, StoredRefreshToken, Version } from '../../refresh/ports/stores.ts';
import { secretName } from '../resource-names.ts';
import { malformed, refuseNewerSchema, SCHEMA } from '../stored-schema.ts';
import { tokenText } from './credential-text.ts';
import {
  numberField,
  parseSecretJson,
  type SecretFields,
  secretField,
  serialiseSecretJson,
} from './secret-json.ts';
import { currentVersionId, putVersion, readVersion } from './version-calls.ts';
import type { WritePace } from './write-pace.ts';

export interface RefreshTokenStoreProps {
  readonly client: SecretsManagerClient;
  readonly namespace: string;
  readonly pace: WritePace;
}

/** Refresh tokens in Secrets Manager: `<namespace>/refresh-tokens/<name>`. The secrets must exist. */
export function createRefreshTokenStore(props: RefreshTokenStoreProps): RefreshTokenStore {
  const { client, namespace, pace } = props;
  const idOf = (name: string) => secretName.refreshToken(namespace, name);
  // The bytes of what was read, for `prove`: any other spelling of the same JSON would be a conflict.
  const texts = new WeakMap<Version<StoredRefreshToken>, Secret>();

  return {
    async read(name, which, options) {
      const secretId = idOf(name);
      const stored = await readVersion(client, secretId, which, options);
      if (stored === undefined) return undefined;
      const fields = parseSecretJson(stored.value, secretId, 'JSON with refresh_token');
      const version = { ...stored, value: parseRefreshToken(fields, stored.createdAt, secretId) };
      texts.set(version, stored.value);
      return version;
    },
    currentVersionId: (name, options) => currentVersionId(client, idOf(name), options),
    put(name, token, versionId, { turn, ...options } = {}) {
      const text = serialiseSecretJson(refreshTokenFields(token));
      return putVersion(client, pace, { secretId: idOf(name), text, versionId, turn }, options);
    },
    turn: (writes, options) => pace.turn({ ...options, writes }),
    async prove(name, version, { turn, ...options } = {}) {
      const text = texts.get(version);
      if (text === undefined) throw new TypeError('prove takes a version that this store has read');
      return putVersion(
        client,
        pace,
        { secretId: idOf(name), text, versionId: version.versionId, turn },
        options,
      );
    },
  };
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
  refuseNewerSchema(schema, where);
  const { refresh_token, obtained_at, expires_at, attempt, replaces, ...unknown } = fields;
  const stored = secretField({ refresh_token }, 'refresh_token', where);
  const token = stored && tokenText(stored);
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
