import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Config } from '../../functions/handlers/config.ts';
import { Secret } from '../../functions/oauth/secret.ts';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/aws/endpoint.ts';
import type { LocalSetup } from '../../local/connections.ts';
import type { LocalAwsClients } from '../../local/endpoint-clients.ts';
import { seed, seedValues } from '../../local/seed.ts';
import { createAllAwsClients } from '../support/all-clients.ts';
import { canarySecret } from '../support/canary.ts';
import { HandClock } from './support/hand-clock.ts';

const clock = new HandClock();
const crm = { provider: 'kajabi', credentials: 'kajabi-main' };
const setup: LocalSetup = {
  connections: [{ name: 'books/crm', definition: crm }],
  credentials: new Map([
    ['kajabi-main', undefined],
    ['demo', { client_id: 'demo', client_secret: canarySecret('demo') }],
  ]),
  refreshTokens: new Map([
    ['books/crm', undefined],
    ['rotating', canarySecret('rotating')],
  ]),
  allowedTokenOrigins: [],
};

let endpoint: AwsEndpoint;
let clients: LocalAwsClients;
const seedAgain = (changed: LocalSetup = setup) =>
  seed(changed, { clients, namespace: 'evertoken', stateTable: 'state', now: clock.now() });

beforeEach(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  endpoint = await startAwsEndpoint({ port: 0, clock });
  clients = createAllAwsClients({ endpoint: endpoint.url, region: 'us-east-1' });
  await seedAgain();
});
afterEach(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await endpoint.close();
});

const stored = async (id: string) => {
  const { SecretString } = await clients.secretsManager.send(new GetSecretValueCommand({ SecretId: id }));
  return JSON.parse(SecretString ?? '');
};

it('creates the state table, the parameters and the values that are given', async () => {
  const { Table } = await clients.dynamodb.send(new DescribeTableCommand({ TableName: 'state' }));
  expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['due', 'watch']);
  const parameter = await clients.ssm.send(
    new GetParameterCommand({ Name: '/evertoken/connections/books/crm' }),
  );
  expect(JSON.parse(parameter.Parameter?.Value ?? '')).toEqual(crm);
  expect(await stored('evertoken/credentials/demo')).toEqual(setup.credentials.get('demo'));
  expect(await stored('evertoken/refresh-tokens/rotating')).toEqual({
    schema: 1,
    refresh_token: canarySecret('rotating'),
    obtained_at: clock.now() / 1000,
  });
});

it.each(['credentials/kajabi-main', 'refresh-tokens/books/crm', 'tokens/books/crm'])(
  'leaves evertoken/%s without a value',
  async (id) => {
    await expect(stored(`evertoken/${id}`)).rejects.toThrow(ResourceNotFoundException);
    const put = new PutSecretValueCommand({ SecretId: `evertoken/${id}`, SecretString: '{}' });
    expect((await clients.secretsManager.send(put)).VersionStages).toEqual(['AWSCURRENT']);
  },
);

it('keeps what an earlier run left, and replaces the refresh token that it brings', async () => {
  const left = { client_id: 'changed', client_secret: canarySecret('changed') };
  await clients.secretsManager.send(
    new PutSecretValueCommand({
      SecretId: 'evertoken/credentials/demo',
      SecretString: JSON.stringify(left),
    }),
  );
  const renewed = canarySecret('renewed');
  await seedAgain({ ...setup, refreshTokens: new Map([['rotating', renewed]]) });
  expect(await stored('evertoken/credentials/demo')).toEqual(left);
  expect((await stored('evertoken/refresh-tokens/rotating')).refresh_token).toBe(renewed);
});

it('stores what a person brought where nothing is yet, and keeps what a run has left', async () => {
  const config = { namespace: 'evertoken' } as Config;
  const bring = (of: string) => {
    const brought = {
      credentials: async (name: string) => new Secret(JSON.stringify({ of: `${of} ${name}` })),
      refreshToken: () => ({ refresh_token: new Secret(canarySecret(of)), expiresAt: clock.now() + 60_000 }),
    };
    return seedValues({ ...setup, brought }, { clients, config, clock });
  };
  await bring('first');
  expect(await stored('evertoken/credentials/kajabi-main')).toEqual({ of: 'first kajabi-main' });
  const refreshToken = {
    schema: 1,
    refresh_token: canarySecret('first'),
    obtained_at: clock.now() / 1000,
    expires_at: clock.now() / 1000 + 60,
  };
  expect(await stored('evertoken/refresh-tokens/books/crm')).toEqual(refreshToken);
  await bring('second');
  expect(await stored('evertoken/credentials/kajabi-main')).toEqual({ of: 'first kajabi-main' });
  expect(await stored('evertoken/refresh-tokens/books/crm')).toEqual(refreshToken);
  // The demo's is minted for each run.
  expect(await stored('evertoken/refresh-tokens/rotating')).not.toHaveProperty('expires_at');
});
