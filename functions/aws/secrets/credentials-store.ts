import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretReference } from '../../connections/connection.ts';
import { usableSecretId } from '../../connections/secret-owner.ts';
import type { Credentials } from '../../oauth/credentials.ts';
import type { Clock } from '../../refresh/ports/outside.ts';
import type { CredentialsStore, Version } from '../../refresh/ports/stores.ts';
import { secretName } from '../resource-names.ts';
import { binaryCredentials, type CredentialsFormat, parseCredentials } from './parse-credentials.ts';
import { currentVersionId, readVersion } from './version-calls.ts';

export interface CredentialsStoreProps {
  readonly client: SecretsManagerClient;
  readonly namespace: string;
  readonly clock: Clock;
  /** How long a value is kept in memory. */
  readonly cacheMs: number;
}

/**
 * Credentials in Secrets Manager: `<namespace>/credentials/<name>`, or any secret by ARN with a field map.
 * A value is kept in memory for `cacheMs`; its absence is not, so that a person who stores one is not made
 * to wait.
 */
export function createCredentialsStore({
  client,
  namespace,
  clock,
  cacheMs,
}: CredentialsStoreProps): CredentialsStore {
  const cache = new Map<string, { readonly version: Version<Credentials>; readonly readAt: number }>();
  const idOf = async (ref: string | SecretReference) =>
    typeof ref === 'string'
      ? secretName.credentials(namespace, ref)
      : usableSecretId('credentials', ref, { namespace, region: await client.config.region() });

  return {
    async read(ref, { fresh = false, ...options } = {}) {
      const key = JSON.stringify(ref);
      const cached = cache.get(key);
      if (!fresh && cached !== undefined && clock.now() - cached.readAt < cacheMs) return cached.version;
      const readAt = clock.now();
      const secretId = await idOf(ref);
      const textOf = (bytes: Uint8Array) => binaryCredentials(bytes, secretId);
      const stored = await readVersion(client, secretId, {}, { ...options, textOf });
      if (stored === undefined) {
        cache.delete(key);
        return undefined;
      }
      const value = parseCredentials(stored.value, secretId, formatOf(ref));
      // Where they may go can be said before there are any.
      if (Object.keys(value).join() === 'allowed_token_origins') return undefined;
      const version = { ...stored, value };
      cache.set(key, { version, readAt });
      return version;
    },
    currentVersionId: async (ref, options) => currentVersionId(client, await idOf(ref), options),
  };
}

function formatOf(ref: string | SecretReference): CredentialsFormat {
  return typeof ref === 'string' ? {} : { names: ref.fields, isForeign: true };
}
