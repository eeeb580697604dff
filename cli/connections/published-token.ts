import { secretName } from '../../functions/aws/resource-names.ts';
import { numberField, parseSecretJson, secretField } from '../../functions/aws/secrets/secret-json.ts';
import { readVersion } from '../../functions/aws/secrets/version-calls.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { usableSecretId } from '../../functions/connections/secret-owner.ts';
import type { Secret } from '../../functions/oauth/secret.ts';
import type { Deployment } from '../deployment.ts';

/** A token as consumers read it. */
export interface PublishedToken {
  readonly access_token: Secret;
  readonly token_type: string;
  /** Epoch milliseconds; absent where a secret of one's own does not hold it. */
  readonly expiresAt: number | undefined;
}

/**
 * Reads the published token of a connection; `undefined` before the first.
 * @throws StoreError, `denied` for a person who may not read it; ConnectionError for a secret that is not its own
 */
export async function publishedToken(
  name: string,
  { token: reference }: Pick<Connection, 'token'>,
  { clients, namespace, region }: Pick<Deployment, 'clients' | 'namespace' | 'region'>,
): Promise<PublishedToken | undefined> {
  const secretId =
    reference === undefined
      ? secretName.token(namespace, name)
      : usableSecretId('token', reference, { namespace, region });
  const fieldOf = (field: string) => reference?.fields[field] ?? field;
  const version = await readVersion(clients.secretsManager, secretId);
  if (version === undefined) return undefined;
  const fields = parseSecretJson(version.value, secretId);
  const token = secretField(fields, fieldOf('access_token'), secretId);
  if (token === undefined) return undefined;
  const expiresAt = numberField(fields, fieldOf('expires_at'), secretId);
  return {
    access_token: token,
    token_type: secretField(fields, fieldOf('token_type'), secretId)?.reveal() ?? 'Bearer',
    expiresAt: expiresAt === undefined ? undefined : expiresAt * 1000,
  };
}
