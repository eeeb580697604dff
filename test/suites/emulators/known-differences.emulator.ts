import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  DescribeParametersCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { readRepositoryFile } from '../../support/source-files.ts';
import { type AwsHost, startLocalEndpoint, startMoto } from './support/aws-host.ts';
import { refusal } from './support/refusal.ts';
import { createTable } from './support/tables.ts';

/** The bullets of `local/aws/README.md` that say how the endpoint differs from AWS. */
const LISTED = (readRepositoryFile('local/aws/README.md').split('## How it differs from AWS\n')[1] ?? '')
  .split(/^- /m)
  .slice(1)
  .map((bullet) => bullet.replace(/\s+/g, ' ').trim());

/** What each begins with, and why there is nothing to compare it with, where there is not. */
const CHECKED = {
  keys: 'A key id is only kept',
  signingKeys: 'Keys of KMS are of this process',
  consistency: 'Every read sees the last write',
  rotations: 'Rotations have no schedule',
  throttling: 'Nothing is throttled',
  regions: 'One Region, one account',
  messages: 'Messages of validation errors',
  secrets: 'CreateSecret takes tags and shows them',
  parameters: 'Parameters have no history',
  events: 'Events that no listener takes are gone',
  invocations: 'An asynchronous invocation is tried once',
  tables: 'dynalite ignores members',
} as const;

describe('how the local endpoint differs from AWS, and Moto does not', () => {
  const missing = inject('missing');
  let local: AwsHost;
  let moto: AwsHost;
  const disposal = new AsyncDisposableStack();

  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  beforeAll(async () => {
    if (missing !== null) return;
    local = disposal.use(await startLocalEndpoint());
    moto = disposal.use(await startMoto());
  });
  afterAll(() => disposal.disposeAsync());

  it('is listed in its README as it is checked here', () => {
    expect(LISTED).toEqual(Object.values(CHECKED).map((start) => expect.stringMatching(`^${start}`)));
  });

  describe(CHECKED.keys, () => {
    it('in Moto too: one that there is not is taken', async () => {
      for (const host of [local, moto]) {
        const KmsKeyId = 'alias/no-such-key';
        const { Name } = await newSecret(host, { KmsKeyId, SecretString: 'value' });
        const read = new GetSecretValueCommand({ SecretId: Name });
        expect((await host.clients.secretsManager.send(read)).SecretString).toBe('value');
      }
    });

    it('and a call is judged after its input; Moto, once it judges, refuses before', async () => {
      const refused = () => new AwsError('AccessDeniedException', 'no');
      await using judging = await startLocalEndpoint({ authorize: refused });
      const malformed = { Name: undefined };
      expect(await refusal(newSecret(judging))).toBe('AccessDeniedException');
      expect(await refusal(newSecret(judging, malformed))).toBe('ValidationException');

      const judgeAfter = (calls: string) =>
        fetch(`${moto.url}/moto-api/reset-auth`, { method: 'POST', body: calls });
      await judgeAfter('0');
      try {
        // In XML, whatever the protocol: the SDK knows no more than the status.
        await expect(newSecret(moto, malformed)).rejects.toHaveProperty('$response.statusCode', 403);
      } finally {
        await judgeAfter('inf');
      }
    });
  });

  it(`${CHECKED.signingKeys}, and there is no CreateKey: in Moto there is`, async () => {
    const create = async ({ url }: AwsHost) => {
      const client = new KMSClient({ region: 'us-east-1', endpoint: url });
      const command = new CreateKeyCommand({ KeyUsage: 'SIGN_VERIFY', KeySpec: 'ECC_NIST_P256' });
      return refusal(client.send(command)).finally(() => client.destroy());
    };
    expect(await create(moto)).toBeUndefined();
    expect(await create(local)).toBe('UnknownOperationException');
  });

  it(`${CHECKED.consistency}: in Moto too`, async () => {
    for (const host of [local, moto]) {
      const { Name } = await newSecret(host, { SecretString: '0' });
      for (const SecretString of ['1', '2', '3']) {
        await host.clients.secretsManager.send(new PutSecretValueCommand({ SecretId: Name, SecretString }));
        const read = new GetSecretValueCommand({ SecretId: Name });
        expect((await host.clients.secretsManager.send(read)).SecretString).toBe(SecretString);
      }
    }
  });

  it(`${CHECKED.rotations}: Moto keeps one`, async () => {
    const rotate = async (host: AwsHost) => {
      const { Name: SecretId } = await newSecret(host, { SecretString: 'value' });
      const RotationRules = { AutomaticallyAfterDays: 30 };
      await host.clients.secretsManager.send(new RotateSecretCommand({ SecretId, RotationRules }));
      return host.clients.secretsManager.send(new DescribeSecretCommand({ SecretId }));
    };
    expect(await rotate(moto)).toMatchObject({ RotationRules: { AutomaticallyAfterDays: 30 } });
    await expect(rotate(local)).rejects.toThrow(/RotationRules/);
  });

  it(`${CHECKED.throttling}: nor in Moto`, async () => {
    // More than the 50 secret writes that AWS takes in a second.
    for (const host of [local, moto]) {
      const created = Array.from({ length: 100 }, () => refusal(newSecret(host)));
      expect((await Promise.all(created)).filter((name) => name !== undefined)).toEqual([]);
    }
  });

  it(`${CHECKED.regions}: in Moto another Region has other data`, async () => {
    const elsewhere = async (host: AwsHost) => {
      const { Name } = await newSecret(host, { SecretString: 'value' });
      const client = new SecretsManagerClient({ endpoint: host.url, region: 'eu-west-1', maxAttempts: 1 });
      const answer = await refusal(client.send(new GetSecretValueCommand({ SecretId: Name })));
      client.destroy();
      return answer;
    };
    expect(await elsewhere(moto)).toBe('ResourceNotFoundException');
    expect(await elsewhere(local)).toBe('InvalidSignatureException');
  });

  it(`${CHECKED.messages} repeat the value in Moto`, async () => {
    const Path = '/x';
    const list = (host: AwsHost) =>
      host.clients.ssm.send(new GetParametersByPathCommand({ Path, MaxResults: 1717 }));
    await expect(list(moto)).rejects.toThrow(/1717/);
    await expect(list(local)).rejects.toThrow(/^(?!.*1717).*maxResults/);
  });

  it(`${CHECKED.secrets}, and there is no TagResource, as there is in Moto, nor a date of access in either`, async () => {
    const read = async (host: AwsHost) => {
      const Tags = [{ Key: 'team', Value: 'crm' }];
      const { Name: SecretId } = await newSecret(host, { SecretString: 'value', Tags });
      await host.clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
      const described = await host.clients.secretsManager.send(new DescribeSecretCommand({ SecretId }));
      expect(described.Tags).toEqual(Tags);
      const tag = new TagResourceCommand({ SecretId, Tags: [{ Key: 'more', Value: 'tags' }] });
      return {
        isReadDated: described.LastAccessedDate !== undefined,
        tagging: await refusal(host.clients.secretsManager.send(tag)),
      };
    };
    expect(await read(moto)).toEqual({ isReadDated: false, tagging: undefined });
    expect(await read(local)).toEqual({ isReadDated: false, tagging: 'UnknownOperationException' });
  });

  it(`${CHECKED.parameters}, labels, policies or tags: in Moto they have`, async () => {
    const use = async (host: AwsHost) => {
      const Name = `/ns-${randomUUID()}/parameter`;
      const parameter = { Name, Value: 'value', Type: 'String', Description: 'shown' } as const;
      const { ssm } = host.clients;
      await ssm.send(new PutParameterCommand(parameter));
      const tagged = { ...parameter, Name: `${Name}2`, Tags: [{ Key: 'team', Value: 'crm' }] };
      return Promise.all([
        refusal(ssm.send(new GetParameterHistoryCommand({ Name }))),
        refusal(ssm.send(new LabelParameterVersionCommand({ Name, Labels: ['label'] }))),
        refusal(ssm.send(new DescribeParametersCommand({}))),
        refusal(ssm.send(new PutParameterCommand(tagged))),
      ]);
    };
    expect(await use(moto)).toEqual([undefined, undefined, undefined, undefined]);
    const unknown = 'UnknownOperationException';
    expect(await use(local)).toEqual([unknown, unknown, unknown, 'ValidationException']);
  });

  it(`${CHECKED.events}, there are no rules: in Moto there are`, async () => {
    const put = (host: AwsHost) =>
      host.clients.eventBridge.send(new PutRuleCommand({ Name: 'rule', EventPattern: '{"source":["x"]}' }));
    expect(await refusal(put(moto))).toBeUndefined();
    expect(await refusal(put(local))).toBe('UnknownOperationException');
  });

  it(`${CHECKED.invocations}`, (context) => {
    context.skip('Moto runs functions in containers only');
  });

  describe(CHECKED.tables, () => {
    /** What the error of a condition that failed shows of the item. */
    async function refusedItem(client: DynamoDBClient): Promise<Record<string, AttributeValue> | undefined> {
      const put = new PutItemCommand({
        TableName: (await createTable(client)).name,
        Item: { pk: { S: 'connection#crm' } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      await client.send(put);
      const error: unknown = await client.send(put).catch((refused: unknown) => refused);
      if (error instanceof ConditionalCheckFailedException) return error.Item;
      throw new Error('the item was put twice');
    }

    it('such as ReturnValuesOnConditionCheckFailure, which Moto knows', async () => {
      expect(await refusedItem(moto.clients.dynamodb)).toEqual({ pk: { S: 'connection#crm' } });
      expect(await refusedItem(local.clients.dynamodb)).toBeUndefined();
    });

    it('and an index is consistent at once: in Moto too', async () => {
      for (const { clients } of [local, moto]) {
        const client = clients.dynamodb;
        const { name: TableName } = await createTable(client);
        const Item = { pk: { S: 'connection#crm' }, queue: { S: 'due' }, dueAt: { N: '1' } };
        await client.send(new PutItemCommand({ TableName, Item }));
        const query = new QueryCommand({
          TableName,
          IndexName: 'due',
          KeyConditionExpression: 'queue = :due',
          ExpressionAttributeValues: { ':due': { S: 'due' } },
        });
        expect((await client.send(query)).Count).toBe(1);
      }
    });

    it('and ARNs have an account and a Region of their own: in Moto they are those of the caller', async () => {
      const arn = async ({ clients }: AwsHost) => (await createTable(clients.dynamodb)).arn;
      expect(await arn(moto)).toMatch(/^arn:aws:dynamodb:us-east-1:123456789012:table\/state-/);
      expect(await arn(local)).toMatch(/^arn:aws:dynamodb:us-east-1:000000000000:table\/state-/);
    });
  });
});

function newSecret(host: AwsHost, further: object = {}) {
  const Name = `ns-${randomUUID()}`;
  return host.clients.secretsManager.send(new CreateSecretCommand({ Name, ...further }));
}
