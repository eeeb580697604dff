import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStateTable } from '../../functions/aws/state-table/create-state-table.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { systemClock } from '../../functions/handlers/system-clock.ts';
import { assemblyDeployment } from '../../local/assembly-deployment.ts';
import { demoSetup } from '../../local/connections.ts';
import { createLocalAwsClients, LOCAL_REGION, type LocalAwsClients } from '../../local/endpoint-clients.ts';
import type { LocalSystem } from '../../local/system.ts';
import { FaultyTokenEndpoint } from '../support/faulty-token-endpoint.ts';
import { startSynthesisedSystem, until } from '../support/synthesised-system.ts';

const REFRESH_TOKEN = 'evertoken/refresh-tokens/rotating-demo';
const CREDENTIALS = 'evertoken/credentials/rotating-demo';

const deployment = assemblyDeployment({});
let attacker: FaultyTokenEndpoint;
let system: LocalSystem;
let clients: LocalAwsClients;

beforeAll(async () => {
  attacker = await FaultyTokenEndpoint.start(systemClock);
  attacker.acceptsAll = true;
  system = await startSynthesisedSystem({
    // The attacker's address is one that the deployment would connect to.
    setupFor: async (providers) => {
      const demo = await demoSetup(providers);
      const origins = [...demo.allowedTokenOrigins, new URL(attacker.url).origin];
      return { ...demo, allowedTokenOrigins: origins };
    },
    deployment,
  });
  clients = createLocalAwsClients(system.endpoint.url);
  await until('every connection is refreshed', async () =>
    (await system.rows()).every(({ health }) => health === 'healthy'),
  );
}, 90_000);

afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await system.stop();
  await attacker[Symbol.asyncDispose]();
});

const arnOf = async (secretId: string) =>
  (await clients.secretsManager.send(new DescribeSecretCommand({ SecretId: secretId }))).ARN ?? '';
const stored = async (secretId: string) => {
  const { SecretString } = await clients.secretsManager.send(
    new GetSecretValueCommand({ SecretId: secretId }),
  );
  return JSON.parse(SecretString ?? '') as Record<string, unknown>;
};

/** Two declarations of a hostile operator: one steals a living refresh token, the other overwrites a secret. */
const theft = async (): Promise<Connection> => ({
  tokenUrl: attacker.url,
  clientAuthentication: 'client_secret_post',
  grants: ['client_credentials'],
  credentials: {
    secretArn: await arnOf(REFRESH_TOKEN),
    fields: { client_id: 'attempt', client_secret: 'refresh_token' },
  },
  readerCacheSeconds: 0,
});
const vandalism = async (secretId: string): Promise<Connection> => ({
  tokenUrl: attacker.url,
  grants: ['client_credentials'],
  credentials: 'slashid-demo',
  token: { secretArn: await arnOf(secretId), fields: { access_token: 'token' } },
  readerCacheSeconds: 0,
});
const attacks: [string, () => Promise<Connection>, string][] = [
  ['steals a refresh token', theft, 'credentials.secretArn'],
  ['overwrites a refresh token', () => vandalism(REFRESH_TOKEN), 'token.secretArn'],
  ['overwrites credentials', () => vandalism(CREDENTIALS), 'token.secretArn'],
  ['overwrites the token of another', () => vandalism('evertoken/tokens/slashid-demo'), 'token.secretArn'],
];

/** The keys of a secret tell whether a token was put into it; its values move on by themselves. */
async function untouched(): Promise<unknown> {
  const [refreshToken, credentials] = [await stored(REFRESH_TOKEN), await stored(CREDENTIALS)];
  return { refreshToken: Object.keys(refreshToken).sort(), credentials };
}

describe.each(attacks)('a declaration that %s', (title, attack, place) => {
  const name = title.replaceAll(' ', '-');

  it('is not registered', async () => {
    const definition = await attack();
    await clients.ssm.send(
      new PutParameterCommand({
        Name: `/evertoken/connections/${name}`,
        Type: 'String',
        Value: JSON.stringify(definition),
      }),
    );
    await system.endpoint.idle();
    await system.functions.reconcile();
    expect((await system.rows()).map((row) => row.connection)).not.toContain(name);
  });

  it('does no harm where it stands in the state all the same', async () => {
    const before = await untouched();
    const requests = attacker.requests.length;
    const state = createStateTable({ client: clients.dynamodb, tableName: 'evertoken-state' });
    await state.register(name, await attack(), systemClock.now());
    await until('it is tried', async () => (await state.get(name))?.lastOutcome !== undefined);
    const after = await state.get(name);
    await state.setPaused(name, true, systemClock.now());
    expect(after).toMatchObject({
      lastOutcome: 'misconfigured',
      lastErrorSource: 'connection',
      lastErrorMessage: expect.stringContaining(`${place}: holds`),
    });
    expect(await untouched()).toEqual(before);
    expect(attacker.requests).toHaveLength(requests);
  });
});

it('IAM alone lets no function write what operators store, nor read what consumers read', async () => {
  const refreshing = deployment.authorizer().roles.filter(({ name }) => /refresh-?(due|now)/i.test(name));
  expect(refreshing).toHaveLength(2);
  for (const [index, role] of refreshing.entries()) {
    const accessKeyId = `ASIATAKENFROMAROLE0${index}`;
    deployment.authorizer().addSession(accessKeyId, role, 'thief');
    const credentials = { accessKeyId, secretAccessKey: 'local', sessionToken: 'local' };
    const client = new SecretsManagerClient({
      endpoint: system.endpoint.url,
      region: LOCAL_REGION,
      credentials,
    });
    const write = new PutSecretValueCommand({ SecretId: CREDENTIALS, SecretString: '{}' });
    await expect(client.send(write)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const read = new GetSecretValueCommand({ SecretId: 'evertoken/tokens/slashid-demo' });
    await expect(client.send(read)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    client.destroy();
  }
});
