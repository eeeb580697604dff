import { randomUUID as uuid } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { canarySecret } from '../../../support/canary.ts';
import type { AwsHost } from '../support/aws-host.ts';
import { refusal } from '../support/refusal.ts';

const VALUE = canarySecret('value');

/** Where Secrets Manager is strict, by its documentation. */
export function describeSecretStrictness(host: () => AwsHost): void {
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
}
