import { storeCall } from '../../functions/aws/aws-error.ts';
import { secretName } from '../../functions/aws/resource-names.ts';
import {
  numberField,
  parseSecretJson,
  type SecretFields,
  secretField,
} from '../../functions/aws/secrets/secret-json.ts';
import { readVersion } from '../../functions/aws/secrets/version-calls.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { usableSecretId } from '../../functions/connections/secret-owner.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import type { CliClients } from '../aws/cli-clients.ts';
import type { Deployment } from '../deployment.ts';

/** A token as consumers read it. */
export interface PublishedToken {
  readonly access_token: Secret;
  readonly token_type: string;
  /** The header that carries it, and what stands before it there; `Authorization` and `Bearer` where nothing is said. */
  readonly header: string;
  readonly scheme: string;
  /** Epoch milliseconds; absent where a secret of one's own does not hold it. */
  readonly expiresAt: number | undefined;
}

function presentationIn(fields: SecretFields, where: string): Pick<PublishedToken, 'header' | 'scheme'> {
  const said = fields['presentation'];
  if (typeof said !== 'object' || said === null || said instanceof Secret) {
    return { header: 'Authorization', scheme: 'Bearer' };
  }
  const of = (name: string) => secretField(said as SecretFields, name, where)?.reveal();
  // An empty scheme is none.
  return { header: of('header') ?? 'Authorization', scheme: of('scheme') ?? '' };
}

/** The fields of a token, which its secret holds or says the parameter of. */
async function ledTo(
  stored: SecretFields,
  secretId: string,
  clients: Pick<CliClients, 'ssm'>,
): Promise<SecretFields> {
  const parameter = secretField(stored, 'parameter', secretId)?.reveal();
  if (parameter === undefined) return stored;
  const { GetParameterCommand } = await import('@aws-sdk/client-ssm');
  const ssm = await clients.ssm();
  const command = new GetParameterCommand({ Name: parameter, WithDecryption: true });
  const { Parameter } = await storeCall(`GetParameter ${parameter}`, () => ssm.send(command));
  return parseSecretJson(new Secret(Parameter?.Value ?? ''), parameter);
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
  const version = await readVersion(await clients.secretsManager(), secretId);
  if (version === undefined) return undefined;
  const stored = parseSecretJson(version.value, secretId);
  const fields = await ledTo(stored, secretId, clients);
  const token = secretField(fields, fieldOf('access_token'), secretId);
  if (token === undefined) return undefined;
  const expiresAt = numberField(fields, fieldOf('expires_at'), secretId);
  return {
    access_token: token,
    token_type: secretField(fields, fieldOf('token_type'), secretId)?.reveal() ?? 'Bearer',
    ...presentationIn(fields, secretId),
    expiresAt: expiresAt === undefined ? undefined : expiresAt * 1000,
  };
}
