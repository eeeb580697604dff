import { randomUUID } from 'node:crypto';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeclaredConnections } from '../../../../functions/aws/parameters/parameter-declarations.ts';
import { createTokenParameters } from '../../../../functions/aws/parameters/token-parameters.ts';
import { createCredentialsStore } from '../../../../functions/aws/secrets/credentials-store.ts';
import { createTokenStore } from '../../../../functions/aws/secrets/token-store.ts';
import { createWritePace } from '../../../../functions/aws/secrets/write-pace.ts';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { ConnectionError } from '../../../../functions/connections/connection-error.ts';
import { resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { StoreError } from '../../../../functions/refresh/ports/stores.ts';
import { LOCAL_REGION } from '../../../../local/endpoint-clients.ts';
import { TestAws } from '../../../support/aws.ts';
import { canarySecret } from '../../../support/canary.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const clock = new VirtualClock();
let aws: TestAws;
beforeAll(async () => {
  aws = await TestAws.start(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());

/** A namespace with the refresh token of another connection, and a secret of somebody's own. */
async function begin() {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  const value = { refresh_token: canarySecret('of-books') };
  const refreshToken = await aws.createSecret(`${namespace}/refresh-tokens/books`, value);
  const { secretsManager: client, ssm } = aws.clients;
  const pace = createWritePace({ perSecond: 50, clock });
  const stored = async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: refreshToken }));
    return JSON.parse(SecretString ?? '') as unknown;
  };
  return {
    namespace,
    refreshToken,
    value,
    stored,
    credentials: createCredentialsStore({ client, namespace, clock, cacheMs: 0 }),
    tokens: createTokenStore({
      client,
      namespace,
      pace,
      parameters: createTokenParameters({ client: ssm, namespace, pace }),
    }),
    declared: createDeclaredConnections({ client: ssm, namespace }),
    declare: (name: string, connection: object) =>
      ssm.send(
        new PutParameterCommand({
          Name: `/${namespace}/connections/${name}`,
          Type: 'String',
          Value: JSON.stringify(connection),
        }),
      ),
  };
}

const published = {
  token: { access_token: new Secret(canarySecret('access')), token_type: 'Bearer', extras: {} },
  expires_at: 1,
  obtained_at: 0,
};
const publishingTo = (secretArn: string): Connection => ({
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'client',
  token: { secretArn, fields: {} },
});
const spellings = (arn: string) => [arn, arn.replace(/-[A-Za-z0-9]{6}$/, ''), arn.slice(0, -3)];

describe('the refresh token of another connection', () => {
  it('is not read as credentials, however its ARN is spelt, and nothing is asked of AWS', async () => {
    const { credentials, refreshToken } = await begin();
    aws.endpoint.calls.reset();
    for (const secretArn of spellings(refreshToken)) {
      const reference = { secretArn, fields: { client_secret: 'refresh_token' } };
      await expect(credentials.read(reference)).rejects.toThrow(ConnectionError);
      await expect(credentials.currentVersionId(reference)).rejects.toThrow(/holds the refresh token/);
    }
    expect(aws.endpoint.calls.count()).toBe(0);
  });

  it('is not overwritten by a token, nor proved to be writable', async () => {
    const { tokens, refreshToken, value, stored } = await begin();
    for (const secretArn of spellings(refreshToken)) {
      const connection = resolveConnection('crm', publishingTo(secretArn));
      await expect(tokens.publish(connection, published, randomUUID())).rejects.toThrow(ConnectionError);
      await expect(tokens.prove(connection, randomUUID())).rejects.toThrow(/holds the refresh token/);
    }
    expect(await stored()).toEqual(value);
  });

  it('makes a declaration that cannot be used', async () => {
    const { declared, declare, refreshToken } = await begin();
    await declare('crm', publishingTo(refreshToken));
    await expect(declared.get('crm')).rejects.toMatchObject({
      kind: 'malformed',
      message: expect.stringMatching(/connection "crm": token\.secretArn: holds the refresh token/),
    });
    const listed = await Array.fromAsync(declared.list());
    expect(listed).toMatchObject([{ name: 'crm', definition: expect.any(StoreError) }]);
  });
});

it('a secret of another Region is refused with the remedy, not called missing', async () => {
  const { credentials } = await begin();
  const secretArn = 'arn:aws:secretsmanager:af-south-1:111122223333:secret:legacy-AbCdEf';
  await expect(credentials.read({ secretArn, fields: {} })).rejects.toThrow(
    `in af-south-1, and the functions run in ${LOCAL_REGION}`,
  );
});
