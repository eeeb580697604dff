import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import type { Credentials } from '../../oauth/credentials.ts';
import type { CallOptions } from '../ports/outside.ts';
import type { CredentialsStore, Version } from '../ports/stores.ts';

/** In place of a VersionId: what needs no secret has no version that could change. */
const IDENTITY_VERSION = 'identity';

type Proof = Pick<ResolvedConnection, 'credentials' | 'clientId'>;

/** What stands in for credentials where a connection has none: a public `client_id`, if that. No store is asked. */
export function identityCredentials({ credentials, clientId }: Proof): Version<Credentials> | undefined {
  if (credentials !== undefined) return undefined;
  const value = clientId === undefined ? {} : { client_id: clientId };
  return { value, versionId: IDENTITY_VERSION, createdAt: 0, stages: [] };
}

/** Which version of its credentials a connection would use now; `undefined` while they have no value. @throws StoreError */
export async function credentialsVersionId(
  { credentials }: Pick<Proof, 'credentials'>,
  store: Pick<CredentialsStore, 'currentVersionId'>,
  options?: CallOptions,
): Promise<string | undefined> {
  return credentials === undefined ? IDENTITY_VERSION : store.currentVersionId(credentials, options);
}
