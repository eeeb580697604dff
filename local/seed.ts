import { CreateTableCommand, type DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { parameterName, secretName } from '../functions/aws/resource-names.ts';
import { serialiseSecretJson } from '../functions/aws/secrets/secret-json.ts';
import { stateTableDefinition } from '../functions/aws/state-table/state-table-definition.ts';
import { SCHEMA } from '../functions/aws/stored-schema.ts';
import type { Secret } from '../functions/oauth/secret.ts';
import type { BroughtRefreshToken } from '../functions/refresh/store-refresh-token.ts';
import type { LocalSetup } from './connections.ts';
import type { LocalAwsClients } from './endpoint-clients.ts';
import type { DeployProps } from './local-deployment.ts';

export interface SeedOptions {
  readonly clients: Pick<LocalAwsClients, 'dynamodb' | 'secretsManager' | 'ssm'>;
  readonly namespace: string;
  readonly stateTable: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Puts into AWS what a deployment would: the state table, the secrets, and a parameter for each connection.
 * What an earlier run left is kept, but for refresh tokens that `setup` brings: the local providers forget
 * theirs when they end.
 */
export async function seed(setup: LocalSetup, options: SeedOptions): Promise<void> {
  const { clients, namespace } = options;
  await createTable(clients.dynamodb, options.stateTable);
  for (const [name, value] of setup.credentials) {
    await createSecret(clients.secretsManager, secretName.credentials(namespace, name), value);
  }
  for (const [name, refreshToken] of setup.refreshTokens) {
    const id = secretName.refreshToken(namespace, name);
    await createSecret(clients.secretsManager, id, undefined);
    if (refreshToken !== undefined) {
      await putValue(clients.secretsManager, id, refreshTokenValue(refreshToken, options.now));
    }
  }
  for (const { name, definition } of setup.connections) {
    await createSecret(clients.secretsManager, secretName.token(namespace, name), undefined);
    await putParameter(clients.ssm, parameterName.connection(namespace, name), definition);
  }
}

/**
 * Stores the values of secrets where a deployment created them empty, as an operator does. What a person brought is
 * stored where nothing is yet: a refresh token of an earlier run may be younger. The demo's credentials are kept, too,
 * its refresh tokens are not: their providers have forgotten those of an earlier run.
 */
export async function seedValues(
  setup: LocalSetup,
  { clients, config, clock }: Pick<DeployProps, 'clients' | 'config' | 'clock'>,
): Promise<void> {
  const { secretsManager } = clients;
  for (const [name, value] of setup.credentials) {
    const SecretId = secretName.credentials(config.namespace, name);
    if (await hasValue(secretsManager, SecretId)) continue;
    const text = value ? JSON.stringify(value) : (await setup.brought?.credentials(name))?.reveal();
    if (text !== undefined) await putText(secretsManager, SecretId, text);
  }
  for (const [name, refreshToken] of setup.refreshTokens) {
    const SecretId = secretName.refreshToken(config.namespace, name);
    if (refreshToken !== undefined) {
      await putValue(secretsManager, SecretId, refreshTokenValue(refreshToken, clock.now()));
      continue;
    }
    const brought = setup.brought?.refreshToken(name);
    if (brought === undefined || (await hasValue(secretsManager, SecretId))) continue;
    await putText(secretsManager, SecretId, broughtText(brought, clock.now()).reveal());
  }
}

function broughtText({ refresh_token, expiresAt }: BroughtRefreshToken, now: number): Secret {
  const seconds = (at: number) => Math.floor(at / 1000);
  return serialiseSecretJson({
    schema: SCHEMA,
    refresh_token,
    obtained_at: seconds(now),
    ...(expiresAt !== undefined && { expires_at: seconds(expiresAt) }),
  });
}

function refreshTokenValue(refreshToken: string, now: number): object {
  return { schema: 1, refresh_token: refreshToken, obtained_at: Math.floor(now / 1000) };
}

async function hasValue(client: SecretsManagerClient, SecretId: string): Promise<boolean> {
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
  return Object.keys(VersionIdsToStages).length > 0;
}

async function putValue(client: SecretsManagerClient, SecretId: string, value: object): Promise<void> {
  await putText(client, SecretId, JSON.stringify(value));
}

async function putText(client: SecretsManagerClient, SecretId: string, SecretString: string): Promise<void> {
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
}

async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  try {
    await client.send(new CreateTableCommand(stateTableDefinition(tableName)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

async function createSecret(
  client: SecretsManagerClient,
  id: string,
  value: object | undefined,
): Promise<void> {
  try {
    const content = value && { SecretString: JSON.stringify(value) };
    await client.send(new CreateSecretCommand({ Name: id, ...content }));
  } catch (error) {
    if (!(error instanceof ResourceExistsException)) throw error;
  }
}

async function putParameter(client: SSMClient, name: string, value: object): Promise<void> {
  await client.send(
    new PutParameterCommand({ Name: name, Value: JSON.stringify(value), Type: 'String', Overwrite: true }),
  );
}
