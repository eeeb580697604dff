import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretReference } from '../../connections/connection.ts';
import { usableSecretId } from '../../connections/secret-owner.ts';
import type { Credentials } from '../../oauth/credentials.ts';
import type { CallOptions, Clock } from '../../refresh/ports/outside.ts';
import type { CredentialsStore, Version } from '../../refresh/ports/stores.ts';
import { secretName } from '../resource-names.ts';
import { binaryCredentials, type CredentialsFormat, parseCredentials } from './parse-credentials.ts';
import { currentVersionId, readVersion } from './version-calls.ts';

/** Clocks of whoever sets credentials and of whoever reads them may be so far apart. */
const CLOCKS_APART_MS = 300_000;
/** Values kept: those that were read first go first. */
const MOST_KEPT = 10_000;

export interface CredentialsStoreProps {
  readonly client: SecretsManagerClient;
  readonly namespace: string;
  readonly clock: Clock;
  /** How long a value is kept in memory. */
  readonly cacheMs: number;
  /** The same while it is the version that whoever reads it used last. Default: no longer than any other. */
  readonly knownMs?: number;
}

interface Kept {
  readonly version: Version<Credentials>;
  readonly readAt: number;
}

/**
 * Credentials in Secrets Manager: `<namespace>/credentials/<name>`, or any secret by ARN with a field map.
 * A value is kept in memory, and read once however many ask for it at the same time; its absence is not kept, so
 * that a person who stores one is not made to wait.
 */
export function createCredentialsStore(props: CredentialsStoreProps): CredentialsStore {
  const { client, namespace, clock, cacheMs, knownMs = cacheMs } = props;
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Version<Credentials> | undefined>>();
  const idOf = async (ref: string | SecretReference) =>
    typeof ref === 'string'
      ? secretName.credentials(namespace, ref)
      : usableSecretId('credentials', ref, { namespace, region: await client.config.region() });

  return {
    async read(ref, { fresh = false, known, setAt, ...options } = {}) {
      const key = JSON.stringify(ref);
      if (fresh) return readNow(key, ref, options);
      const held = kept.get(key);
      if (held !== undefined && (setAt === undefined || held.readAt > setAt + CLOCKS_APART_MS)) {
        const age = clock.now() - held.readAt;
        if (age < cacheMs || (age < knownMs && held.version.versionId === known)) return held.version;
      }
      // Nobody's deadline may end what others wait for; the client's own limits do.
      const reading = underWay.get(key) ?? readNow(key, ref, {}).finally(() => underWay.delete(key));
      underWay.set(key, reading);
      return reading;
    },
    currentVersionId: async (ref, options) => currentVersionId(client, await idOf(ref), options),
  };

  async function readNow(key: string, ref: string | SecretReference, options: CallOptions) {
    const readAt = clock.now();
    const secretId = await idOf(ref);
    const textOf = (bytes: Uint8Array) => binaryCredentials(bytes, secretId);
    const stored = await readVersion(client, secretId, {}, { ...options, textOf });
    kept.delete(key);
    if (stored === undefined) return undefined;
    const value = parseCredentials(stored.value, secretId, formatOf(ref));
    // Where they may go can be said before there are any.
    if (Object.keys(value).join() === 'allowed_token_origins') return undefined;
    const version = { ...stored, value };
    kept.set(key, { version, readAt });
    const [first] = kept.keys();
    if (kept.size > MOST_KEPT && first !== undefined) kept.delete(first);
    return version;
  }
}

function formatOf(ref: string | SecretReference): CredentialsFormat {
  return typeof ref === 'string' ? {} : { names: ref.fields, isForeign: true };
}
