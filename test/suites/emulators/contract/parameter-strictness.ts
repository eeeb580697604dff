import { randomUUID as uuid } from 'node:crypto';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { canarySecret } from '../../../support/canary.ts';
import type { AwsHost } from '../support/aws-host.ts';
import { refusal } from '../support/refusal.ts';

const VALUE = canarySecret('value');

/** Where Parameter Store is strict, by its documentation. */
export function describeParameterStrictness(host: () => AwsHost): void {
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
}
