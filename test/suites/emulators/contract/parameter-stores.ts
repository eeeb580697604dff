import { randomUUID } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { createDeclaredConnections } from '../../../../functions/aws/parameters/parameter-declarations.ts';
import { createRescueStore } from '../../../../functions/aws/parameters/rescue-store.ts';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { RescuedRefreshToken } from '../../../../functions/refresh/ports/stores.ts';
import { canarySecret } from '../../../support/canary.ts';
import { collect } from '../../../support/collect.ts';
import type { AwsHost } from '../support/aws-host.ts';

const CRM: Connection = { provider: 'kajabi', credentials: 'kajabi-main' };

/** What the adapters of Parameter Store do, whatever answers as Parameter Store. */
export function describeParameterStores(host: () => AwsHost): void {
  const newNamespace = () => `ns-${randomUUID().slice(0, 8)}`;

  describe('declared connections', () => {
    function open() {
      const namespace = newNamespace();
      const { ssm } = host().clients;
      return {
        namespace,
        ssm,
        connections: createDeclaredConnections({ client: ssm, namespace }),
        declare: (name: string, value: string) => {
          const Name = `/${namespace}/connections/${name}`;
          return ssm.send(new PutParameterCommand({ Name, Value: value, Type: 'String', Overwrite: true }));
        },
      };
    }

    it('are none where none is declared', async () => {
      const { connections } = open();
      expect(await connections.get('crm')).toBeUndefined();
      expect(await collect(connections.list())).toEqual([]);
    });

    it('are what was declared last', async () => {
      const { connections, declare } = open();
      await declare('books/acme', JSON.stringify({ ...CRM, scope: 'old' }));
      await declare('books/acme', JSON.stringify(CRM));
      expect(await connections.get('books/acme')).toEqual(CRM);
    });

    it('are listed however deep, page after page, and nothing beside them', async () => {
      const { connections, declare, ssm, namespace } = open();
      const names = Array.from({ length: 23 }, (_, index) => `${'deep/'.repeat(index % 3)}crm-${index}`);
      for (const name of names) await declare(name, JSON.stringify(CRM));
      await ssm.send(
        new PutParameterCommand({ Name: `/${namespace}/connections-2/crm`, Value: '{}', Type: 'String' }),
      );
      const listed = await collect(connections.list());
      expect(listed.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      expect(listed.every(({ definition }) => !(definition instanceof Error))).toBe(true);
    });

    it('that cannot be read come as their error', async () => {
      const { connections, declare } = open();
      await declare('crm', '{');
      await expect(connections.get('crm')).rejects.toMatchObject({ kind: 'malformed' });
      expect(await collect(connections.list())).toMatchObject([{ definition: { kind: 'malformed' } }]);
    });
  });

  describe('rescued refresh tokens', () => {
    const open = () =>
      createRescueStore({ client: host().clients.ssm, namespace: newNamespace(), clock: { now: Date.now } });
    const rescued = (refreshToken: string): RescuedRefreshToken => ({
      token: { refresh_token: new Secret(refreshToken), obtained_at: 1_767_225_600, attempt: 'attempt-1' },
      attempt: 'attempt-1',
      replaces: 'version-0',
    });

    it('are undefined when there is none, and deleting none is no error', async () => {
      const rescues = open();
      await rescues.delete('crm');
      expect(await rescues.get('crm')).toBeUndefined();
    });

    it.each([
      ['short', canarySecret('one')],
      ['for the advanced tier', canarySecret('x'.repeat(6_000))],
      ['with the syntax of references', `${canarySecret('braces')}{{ssm:other}}`],
    ])('come back as they were: %s', async (_, text) => {
      const rescues = open();
      await rescues.put('crm', rescued(text));
      const read = await rescues.get('crm');
      expect(read?.token.refresh_token.reveal()).toBe(text);
      expect(read).toMatchObject({ attempt: 'attempt-1', replaces: 'version-0' });
    });

    it('take the place of the one before, also in a smaller tier, until they are deleted', async () => {
      const rescues = open();
      await rescues.put('crm', rescued(canarySecret('x'.repeat(6_000))));
      await rescues.put('crm', rescued(canarySecret('two')));
      expect((await rescues.get('crm'))?.token.refresh_token.reveal()).toBe(canarySecret('two'));
      await rescues.delete('crm');
      expect(await rescues.get('crm')).toBeUndefined();
    });
  });
}
