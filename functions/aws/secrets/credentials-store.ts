import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretReference } from '../../connections/connection.ts';
import type { Credentials } from '../../oauth/credentials.ts';
import { Secret } from '../../oauth/secret.ts';
import type { Clock } from '../../refresh/ports/outside.ts';
import type { CredentialsStore, Version } from '../../refresh/ports/stores.ts';
import { secretName } from '../resource-names.ts';
import { refuseNewerSchema } from '../stored-schema.ts';
import { parseSecretJson, type SecretFields, secretField, serialiseSecretJson } from './secret-json.ts';
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
  const idOf = (ref: string | SecretReference) =>
    typeof ref === 'string' ? secretName.credentials(namespace, ref) : ref.secretArn;

  return {
    async read(ref, { fresh = false, ...options } = {}) {
      const key = JSON.stringify(ref);
      const cached = cache.get(key);
      if (!fresh && cached !== undefined && clock.now() - cached.readAt < cacheMs) return cached.version;
      const readAt = clock.now();
      const stored = await readVersion(client, idOf(ref), {}, options);
      if (stored === undefined) {
        cache.delete(key);
        return undefined;
      }
      const version = { ...stored, value: parseCredentials(stored.value, ref, idOf(ref)) };
      cache.set(key, { version, readAt });
      return version;
    },
    currentVersionId: (ref, options) => currentVersionId(client, idOf(ref), options),
  };
}

function parseCredentials(text: Secret, ref: string | SecretReference, where: string): Credentials {
  const fields = parseSecretJson(text, where);
  // In a secret of someone else's, `schema` may mean anything.
  if (typeof ref === 'string') refuseNewerSchema(fields['schema'], where);
  const names = typeof ref === 'string' ? {} : ref.fields;
  const read = (key: keyof Credentials) => secretField(fields, names[key] ?? key, where);
  const credentials: Partial<Record<keyof Credentials, string | Secret | undefined>> = {
    client_id: read('client_id')?.reveal(),
    client_secret: read('client_secret'),
    private_key: privateKey(fields, names['private_key'] ?? 'private_key', where),
    key_id: read('key_id')?.reveal(),
    username: read('username')?.reveal(),
    password: read('password'),
  };
  return Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== undefined));
}

/** A JWK may be stored as the object that it is, or as text. */
function privateKey(fields: SecretFields, key: string, where: string): Secret | undefined {
  const value = fields[key];
  const isObject = typeof value === 'object' && value !== null && !(value instanceof Secret);
  if (isObject && !Array.isArray(value)) return serialiseSecretJson({ ...value });
  return secretField(fields, key, where);
}
