import { randomUUID } from 'node:crypto';
import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { canarySecret } from '../../support/canary.ts';
import type { AwsHost } from '../support/aws-host.ts';

const uuid = () => randomUUID();
const VALUE = canarySecret('value');

/** The name of the error with which a call is refused; `undefined` when it is not. */
async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}

/** Where AWS is strict, by its documentation: a call that is refused here is refused there. */
export function describeStrictness(host: () => AwsHost): void {
  describe('Secrets Manager', () => {
    const client = () => host().clients.secretsManager;
    const put = (SecretId: string, further: object = {}) =>
      client().send(new PutSecretValueCommand({ SecretId, SecretString: VALUE, ...further }));
    const stages = async (SecretId: string) => {
      const { VersionIdsToStages = {} } = await client().send(new DescribeSecretCommand({ SecretId }));
      return Object.fromEntries(Object.entries(VersionIdsToStages).map(([id, all]) => [id, all.toSorted()]));
    };
    async function create(value?: string): Promise<{ name: string; arn: string }> {
      const name = `ns-${uuid()}/secret`;
      const text = value === undefined ? {} : { SecretString: value };
      const { ARN = '' } = await client().send(new CreateSecretCommand({ Name: name, ...text }));
      return { name, arn: ARN };
    }

    it('finds a secret by name, by ARN, and by ARN without its random suffix', async () => {
      const { name, arn } = await create(VALUE);
      expect(arn).toMatch(/-[A-Za-z0-9]{6}$/);
      for (const SecretId of [name, arn, arn.slice(0, -7)]) {
        const { SecretString } = await client().send(new GetSecretValueCommand({ SecretId }));
        expect(SecretString).toBe(VALUE);
      }
    });

    it('refuses a name that is taken', async () => {
      const { name } = await create();
      const again = client().send(new CreateSecretCommand({ Name: name }));
      expect(await refusal(again)).toBe('ResourceExistsException');
    });

    it('has no value of a secret that was created without one', async () => {
      const { name } = await create();
      const get = client().send(new GetSecretValueCommand({ SecretId: name }));
      expect(await refusal(get)).toBe('ResourceNotFoundException');
    });

    it('takes tokens of 32 to 64 characters', async () => {
      const { name } = await create();
      const tokens = { 31: 'x'.repeat(31), 32: 'x'.repeat(32), 64: 'y'.repeat(64), 65: 'y'.repeat(65) };
      const refused = [];
      for (const [length, ClientRequestToken] of Object.entries(tokens)) {
        if (await refusal(put(name, { ClientRequestToken }))) refused.push(length);
      }
      expect(refused).toEqual(['31', '65']);
    });

    it('takes 65,536 bytes and no more', async () => {
      const { name } = await create();
      expect(await refusal(put(name, { SecretString: 'x'.repeat(65_536) }))).toBeUndefined();
      expect(await refusal(put(name, { SecretString: 'x'.repeat(65_537) }))).toBeDefined();
    });

    it('takes 20 labels and no more', async () => {
      const { name } = await create(VALUE);
      const labels = (count: number) => Array.from({ length: count }, (_, index) => `label-${index}`);
      expect(await refusal(put(name, { VersionStages: labels(21) }))).toBeDefined();
      expect(await refusal(put(name, { VersionStages: labels(19) }))).toBeUndefined();
    });

    it('moves AWSCURRENT and AWSPREVIOUS with a write that names no labels', async () => {
      const { name } = await create();
      const [one, two, three] = [uuid(), uuid(), uuid()];
      for (const ClientRequestToken of [one, two, three]) await put(name, { ClientRequestToken });
      expect(await stages(name)).toEqual({ [two]: ['AWSPREVIOUS'], [three]: ['AWSCURRENT'] });
    });

    it('moves only the labels that a write names', async () => {
      const { name } = await create();
      const [one, two] = [uuid(), uuid()];
      await put(name, { ClientRequestToken: one });
      await put(name, { ClientRequestToken: two, VersionStages: ['AWSPENDING'] });
      expect(await stages(name)).toEqual({ [one]: ['AWSCURRENT'], [two]: ['AWSPENDING'] });
    });

    it('makes a first version current, whatever labels it is written with', async () => {
      const { name } = await create();
      const one = uuid();
      await put(name, { ClientRequestToken: one, VersionStages: ['AWSPENDING'] });
      expect(await stages(name)).toEqual({ [one]: ['AWSCURRENT', 'AWSPENDING'] });
    });

    it('does not let AWSCURRENT be taken away, only moved', async () => {
      const { name } = await create();
      const [one, two] = [uuid(), uuid()];
      await put(name, { ClientRequestToken: one });
      await put(name, { ClientRequestToken: two });
      const update = (further: object) =>
        client().send(
          new UpdateSecretVersionStageCommand({ SecretId: name, VersionStage: 'AWSCURRENT', ...further }),
        );
      expect(await refusal(update({ RemoveFromVersionId: two }))).toBe('InvalidParameterException');
      await update({ RemoveFromVersionId: two, MoveToVersionId: one });
      expect(await stages(name)).toEqual({ [one]: ['AWSCURRENT'], [two]: ['AWSPREVIOUS'] });
    });

    it('moves a label only from where the caller says that it is', async () => {
      const { name } = await create();
      const [one, two] = [uuid(), uuid()];
      await put(name, { ClientRequestToken: one });
      await put(name, { ClientRequestToken: two });
      const input = { SecretId: name, VersionStage: 'AWSCURRENT', MoveToVersionId: one };
      const update = client().send(new UpdateSecretVersionStageCommand(input));
      expect(await refusal(update)).toBe('InvalidParameterException');
    });

    it('answers nothing but DescribeSecret for a deleted secret, whose name stays taken', async () => {
      const { name } = await create(VALUE);
      await client().send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
      const get = client().send(new GetSecretValueCommand({ SecretId: name }));
      expect(await refusal(get)).toBe('InvalidRequestException');
      expect(await refusal(put(name))).toBe('InvalidRequestException');
      const again = client().send(new CreateSecretCommand({ Name: name }));
      expect(await refusal(again)).toBe('InvalidRequestException');
      const { DeletedDate } = await client().send(new DescribeSecretCommand({ SecretId: name }));
      expect(DeletedDate).toBeInstanceOf(Date);
    });

    it('does not rotate without a function', async () => {
      const { name } = await create(VALUE);
      const rotate = client().send(new RotateSecretCommand({ SecretId: name }));
      expect(await refusal(rotate)).toBe('InvalidRequestException');
    });
  });

  describe('Parameter Store', () => {
    const client = () => host().clients.ssm;
    const newName = () => `/ns-${uuid()}/parameter`;
    const put = (Name: string, further: Partial<PutParameterCommandInput> = {}) =>
      client().send(new PutParameterCommand({ Name, Value: 'value', Type: 'String', ...further }));

    it.each(['aws/parameter', '/aws/parameter', 'ssm-parameter', '/ssm/parameter', 'no/slash/first'])(
      'refuses the name %s',
      async (name) => {
        expect(await refusal(put(name))).toBeDefined();
      },
    );

    it('takes 15 levels and no more', async () => {
      const name = (levels: number) => newName() + '/x'.repeat(levels - 2);
      expect(await refusal(put(name(15)))).toBeUndefined();
      expect(await refusal(put(name(16)))).toBe('HierarchyLevelLimitExceededException');
    });

    it('takes 4 KB in the standard tier, and 8 KB in the advanced', async () => {
      const value = (bytes: number) => ({ Value: 'x'.repeat(bytes) });
      expect(await refusal(put(newName(), value(4_096)))).toBeUndefined();
      expect(await refusal(put(newName(), value(4_097)))).toBe('ValidationException');
      expect(await refusal(put(newName(), { ...value(8_192), Tier: 'Advanced' }))).toBeUndefined();
      expect(await refusal(put(newName(), { ...value(8_193), Tier: 'Advanced' }))).toBe(
        'ValidationException',
      );
    });

    it('writes over a parameter only when told to', async () => {
      const name = newName();
      await put(name);
      expect(await refusal(put(name))).toBe('ParameterAlreadyExists');
      expect((await put(name, { Overwrite: true })).Version).toBe(2);
    });

    it('does not change the type of a parameter', async () => {
      const name = newName();
      await put(name);
      const other = put(name, { Type: 'SecureString', Overwrite: true });
      expect(await refusal(other)).toBe('HierarchyTypeMismatchException');
    });

    it('refuses a value with the syntax of references', async () => {
      expect(await refusal(put(newName(), { Value: 'a {{b}}' }))).toBe('ValidationException');
    });

    it('shows a SecureString only with decryption', async () => {
      const name = newName();
      await put(name, { Type: 'SecureString', Value: VALUE });
      const get = async (WithDecryption: boolean) =>
        (await client().send(new GetParameterCommand({ Name: name, WithDecryption }))).Parameter?.Value;
      expect(await get(true)).toBe(VALUE);
      expect(await get(false)).not.toContain(VALUE);
    });

    it('lists ten at once and no more', async () => {
      const list = (MaxResults: number) =>
        refusal(client().send(new GetParametersByPathCommand({ Path: '/', MaxResults })));
      expect(await list(10)).toBeUndefined();
      expect(await list(11)).toBe('ValidationException');
    });

    it('does not know what is not there', async () => {
      const name = newName();
      const get = client().send(new GetParameterCommand({ Name: name }));
      expect(await refusal(get)).toBe('ParameterNotFound');
      const remove = client().send(new DeleteParameterCommand({ Name: name }));
      expect(await refusal(remove)).toBe('ParameterNotFound');
    });
  });

  describe('EventBridge', () => {
    const ENTRY = { Source: 'evertoken', DetailType: 'Token Refreshed', Detail: '{}' };
    const put = (...entries: PutEventsRequestEntry[]) =>
      host().clients.eventBridge.send(new PutEventsCommand({ Entries: entries }));

    it('takes one to ten entries', async () => {
      expect(await refusal(put())).toBe('ValidationException');
      expect(await refusal(put(...new Array(10).fill(ENTRY)))).toBeUndefined();
      expect(await refusal(put(...new Array(11).fill(ENTRY)))).toBe('ValidationException');
    });

    it.each([
      ['no source', { Source: undefined }],
      ['no detail type', { DetailType: undefined }],
      ['no detail', { Detail: undefined }],
      ['a source of AWS', { Source: 'aws.ssm' }],
      ['detail that is no JSON', { Detail: '{' }],
      ['detail that is no object', { Detail: '[]' }],
    ])('judges an entry by itself: %s', async (_, wrong) => {
      const { FailedEntryCount, Entries = [] } = await put({ ...ENTRY, ...wrong }, ENTRY);
      expect(FailedEntryCount).toBe(1);
      expect(Entries.map(({ ErrorCode }) => ErrorCode !== undefined)).toEqual([true, false]);
    });
  });

  describe('signatures', () => {
    it('are asked for', async () => {
      const answer = await fetch(host().url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'secretsmanager.ListSecrets',
        },
        body: '{}',
      });
      expect(answer.ok).toBe(false);
      expect(await answer.text()).toContain('MissingAuthenticationToken');
    });
  });
}
