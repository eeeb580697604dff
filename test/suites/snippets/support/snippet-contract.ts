import { createHash, randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsEndpoint, startAwsEndpoint } from '../../../../local/aws/endpoint.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { Driver } from './driver.ts';

export interface Snippet {
  /** Why it cannot run here; undefined when it can. */
  readonly missing: string | undefined;
  /** Builds it, and answers with the command that starts its driver. */
  readonly build: () => Promise<readonly [string, ...string[]]>;
  /** What the driver gets besides the settings of the AWS SDKs. */
  readonly environment?: (endpoint: AwsEndpoint) => Promise<Readonly<Record<string, string>>>;
  /** False when something else keeps the tokens, for a time of its own. */
  readonly ownCache: boolean;
  /** Whether its driver can move the clock. */
  readonly movableClock: boolean;
}

const AWS_SECRET_ACCESS_KEY = canarySecret('aws-secret-access-key');

/** What every snippet must do, in whatever language. */
export function describeSnippet(name: string, snippet: Snippet): void {
  const { missing, ownCache, movableClock } = snippet;

  describe(name, () => {
    let endpoint: AwsEndpoint;
    let client: SecretsManagerClient;
    let ssm: SSMClient;
    let driver: Driver;

    beforeEach((context) => {
      if (missing !== undefined) context.skip(missing);
    });
    beforeAll(async () => {
      if (missing !== undefined) return;
      const command = await snippet.build();
      endpoint = await startAwsEndpoint({ port: 0 });
      const settings = {
        endpoint: endpoint.url,
        region: 'us-east-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      };
      client = new SecretsManagerClient(settings);
      ssm = new SSMClient(settings);
      driver = new Driver(command, {
        AWS_ENDPOINT_URL: endpoint.url,
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY,
        AWS_EC2_METADATA_DISABLED: 'true',
        ...(await snippet.environment?.(endpoint)),
      });
    });
    afterAll(async () => {
      if (missing !== undefined) return;
      expect(await driver.end()).toBe(0);
      client.destroy();
      ssm.destroy();
      await endpoint.close();
      assertNoCanary(driver.printed, `what ${name} printed`);
    });

    /** A connection of its own for each test, empty at first. */
    async function connection() {
      const connectionName = `crm/${randomUUID().slice(0, 6)}.x`;
      const secretId = `evertoken/tokens/${connectionName}`;
      await client.send(new CreateSecretCommand({ Name: secretId }));
      async function store(SecretString: string): Promise<void> {
        await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
      }
      const parameter = `/${secretId}`;
      /** In a parameter, to which the secret then points. */
      async function storeParameter(Value: string) {
        const kept = { Type: 'SecureString', Tier: 'Intelligent-Tiering', Overwrite: true } as const;
        await ssm.send(new PutParameterCommand({ Name: parameter, Value, ...kept }));
        await store(JSON.stringify({ schema: 1, parameter }));
      }
      return {
        name: connectionName,
        store,
        storeParameter,
        parameter,
        reads: () => endpoint.calls.count({ operation: 'GetSecretValue', resource: secretId }),
        parameterReads: () => endpoint.calls.count({ operation: 'GetParameter', resource: parameter }),
        /** Publishes as the refresher does. @returns what the driver answers for this token */
        async publish(label: string, { leftSeconds = 3600, lifetimeSeconds = 3600, to = store } = {}) {
          const access_token = canarySecret(`${label}-+/=._~`);
          const expires_at = Math.floor(Date.now() / 1000) + leftSeconds;
          const obtained_at = expires_at - lifetimeSeconds;
          const token = { schema: 1, access_token, token_type: 'Bearer', expires_at, obtained_at };
          await to(JSON.stringify({ ...token, scope: 'orders', instance_url: 'https://api.example.com' }));
          return { token: createHash('sha256').update(access_token).digest('hex') };
        },
        ask: (command: 'token' | 'rejected') => driver.ask(command, connectionName),
      };
    }

    test('reads the token, and reads it once', async () => {
      const crm = await connection();
      const published = await crm.publish('one');
      expect(await crm.ask('token')).toEqual(published);
      expect(await crm.ask('token')).toEqual(published);
      expect(crm.reads()).toBe(1);
    });

    test('says where to look when the token has expired', async () => {
      const crm = await connection();
      await crm.publish('expired', { leftSeconds: -10 });
      expect(await crm.ask('token')).toEqual({
        error: expect.stringContaining(`evertoken status ${crm.name}`),
      });
    });

    test('reads the token where its secret points to, and reads it once', async () => {
      const crm = await connection();
      const published = await crm.publish('parameter', { to: crm.storeParameter });
      expect(await crm.ask('token')).toEqual(published);
      expect(await crm.ask('token')).toEqual(published);
      expect([crm.reads(), crm.parameterReads()]).toEqual([1, 1]);
    });

    test('says where to look when the token of a parameter has expired', async () => {
      const crm = await connection();
      await crm.publish('expired', { leftSeconds: -10, to: crm.storeParameter });
      expect(await crm.ask('token')).toEqual({
        error: expect.stringContaining(`evertoken status ${crm.name}`),
      });
    });

    test('fails where the parameter is gone, and for one that holds no token', async () => {
      const crm = await connection();
      await crm.store(JSON.stringify({ schema: 1, parameter: crm.parameter }));
      expect(await crm.ask('token')).toHaveProperty('error');
      const other = await connection();
      await other.storeParameter(`{"access_token": "${canarySecret('half')}`);
      expect(await other.ask('token')).toHaveProperty('error');
      assertNoCanary(driver.printed, `what ${name} printed`);
    });

    test('takes a token for a token, whatever fields it has besides', async () => {
      const crm = await connection();
      const published = await crm.publish('one', {
        to: (text) => crm.store(JSON.stringify({ ...JSON.parse(text), parameter: crm.parameter })),
      });
      expect(await crm.ask('token')).toEqual(published);
      expect(crm.parameterReads()).toBe(0);
    });

    test('fails while there is no token, and then has it', async () => {
      const crm = await connection();
      expect(await crm.ask('token')).toHaveProperty('error');
      const published = await crm.publish('one');
      expect(await crm.ask('token')).toEqual(published);
    });

    test.each([
      ['text', canarySecret('text')],
      ['half an object', `{"access_token": "${canarySecret('half')}`],
      ['a string', JSON.stringify(canarySecret('string'))],
      ['another object', JSON.stringify({ password: canarySecret('password') })],
    ])('fails for a secret that holds %s, and does not quote it', async (_, value) => {
      const crm = await connection();
      await crm.store(value);
      expect(await crm.ask('token')).toHaveProperty('error');
      assertNoCanary(driver.printed, `what ${name} printed`);
    });

    if (ownCache) {
      test('reads a token again that has less than 60 s left', async () => {
        const crm = await connection();
        const published = await crm.publish('late', { leftSeconds: 50 });
        expect(await crm.ask('token')).toEqual(published);
        const newer = await crm.publish('newer');
        expect(await crm.ask('token')).toEqual(newer);
      });

      test('reads one again that lives 300 s when it has less than 30 s left, and no sooner', async () => {
        const crm = await connection();
        const short = { lifetimeSeconds: 300, to: crm.storeParameter };
        const published = await crm.publish('short', { ...short, leftSeconds: 50 });
        expect(await crm.ask('token')).toEqual(published);
        expect(await crm.ask('token')).toEqual(published);
        expect(crm.parameterReads()).toBe(1);
        const other = await connection();
        await other.publish('late', { lifetimeSeconds: 300, leftSeconds: 25, to: other.storeParameter });
        await other.ask('token');
        const newer = await other.publish('newer', { lifetimeSeconds: 300, to: other.storeParameter });
        expect(await other.ask('token')).toEqual(newer);
      });

      test('follows a token that is moved to a parameter, and back', async () => {
        const crm = await connection();
        await crm.publish('one');
        await crm.ask('token');
        const moved = await crm.publish('moved', { to: crm.storeParameter });
        expect(await crm.ask('rejected')).toEqual(moved);
        const back = await crm.publish('back');
        expect(await crm.ask('rejected')).toEqual(back);
      });

      test('reads again after a 401', async () => {
        const crm = await connection();
        const published = await crm.publish('one');
        expect(await crm.ask('token')).toEqual(published);
        const newer = await crm.publish('two');
        expect(await crm.ask('rejected')).toEqual(newer);
        expect(await crm.ask('token')).toEqual(newer);
        expect(crm.reads()).toBe(2);
      });
    }

    if (movableClock) {
      test('keeps a token for at most 300 s', async () => {
        const crm = await connection();
        await crm.publish('one');
        await crm.ask('token');
        const newer = await crm.publish('two');
        await driver.ask('later', '290');
        expect(await crm.ask('token')).not.toEqual(newer);
        await driver.ask('later', '11');
        expect(await crm.ask('token')).toEqual(newer);
        expect(crm.reads()).toBe(2);
      });
    }
  });
}
