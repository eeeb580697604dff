import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Secret } from '../oauth/secret.ts';
import type { RefreshTokenStore, StoredRefreshToken, Version } from '../refresh/ports.ts';
import { parseRefreshToken, refreshTokenFields } from './refresh-token-payload.ts';
import { secretName } from './resource-names.ts';
import { parseSecretJson, serialiseSecretJson } from './secret-json.ts';
import { currentVersionId, putVersion, readVersion } from './secret-versions.ts';
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
      const fields = parseSecretJson(stored.value, secretId);
      const version = { ...stored, value: parseRefreshToken(fields, stored.createdAt, secretId) };
      texts.set(version, stored.value);
      return version;
    },
    currentVersionId: (name, options) => currentVersionId(client, idOf(name), options),
    put(name, token, versionId, options) {
      const text = serialiseSecretJson(refreshTokenFields(token));
      return putVersion(client, pace, { secretId: idOf(name), text, versionId }, options);
    },
    async prove(name, version, options) {
      const text = texts.get(version);
      if (text === undefined) throw new TypeError('prove takes a version that this store has read');
      return putVersion(client, pace, { secretId: idOf(name), text, versionId: version.versionId }, options);
    },
  };
}
