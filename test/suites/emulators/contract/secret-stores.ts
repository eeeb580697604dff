import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createTokenParameters } from '../../../../functions/aws/parameters/token-parameters.ts';
import { createCredentialsStore } from '../../../../functions/aws/secrets/credentials-store.ts';
import { createRefreshTokenStore } from '../../../../functions/aws/secrets/refresh-token-store.ts';
import { createRotationSecrets, createTokenStore } from '../../../../functions/aws/secrets/token-store.ts';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { systemClock } from '../../../../functions/handlers/system-clock.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { PublishedToken, StoredRefreshToken } from '../../../../functions/refresh/ports/stores.ts';
import { canarySecret } from '../../../support/canary.ts';
import { describeRefreshTokenStore } from '../../../support/refresh-token-store-contract.ts';
import type { AwsHost } from '../support/aws-host.ts';

const pace = { turn: async () => ({ takenAt: 0 }) };

/** What the adapters of Secrets Manager do, whatever answers as Secrets Manager. */
export function describeSecretStores(host: () => AwsHost): void {
  const send = {
    create: (Name: string, value?: object) => {
      const text = value && { SecretString: JSON.stringify(value) };
      return host().clients.secretsManager.send(new CreateSecretCommand({ Name, ...text }));
    },
    put: (SecretId: string, value: object) => {
      const SecretString = JSON.stringify(value);
      return host().clients.secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString }));
    },
    get: (SecretId: string) => host().clients.secretsManager.send(new GetSecretValueCommand({ SecretId })),
    async versions(SecretId: string) {
      const command = new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true });
      return (await host().clients.secretsManager.send(command)).Versions ?? [];
    },
  };
  const newNamespace = () => `ns-${randomUUID().slice(0, 8)}`;

  describe('credentials', () => {
    function open() {
      const namespace = newNamespace();
      const client = host().clients.secretsManager;
      const store = createCredentialsStore({ client, namespace, clock: systemClock, cacheMs: 0 });
      return { store, secretId: `${namespace}/credentials/crm` };
    }

    it('are undefined while the secret does not exist, or has no value', async () => {
      const { store, secretId } = open();
      for (const prepare of [async () => undefined, () => send.create(secretId)]) {
        await prepare();
        expect(await store.read('crm')).toBeUndefined();
        expect(await store.currentVersionId('crm')).toBeUndefined();
      }
    });

    it('are what an operator stored last, with their version', async () => {
      const { store, secretId } = open();
      await send.create(secretId, { client_id: 'first' });
      const { VersionId } = await send.put(secretId, {
        client_id: 'second',
        client_secret: canarySecret('client'),
      });
      const read = await store.read('crm');
      expect(read?.value.client_id).toBe('second');
      expect(read?.value.client_secret?.reveal()).toBe(canarySecret('client'));
      expect(read).toMatchObject({ versionId: VersionId, stages: ['AWSCURRENT'] });
      expect(Math.abs((read?.createdAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await store.currentVersionId('crm')).toBe(VersionId);
    });

    it('are read from any secret by its ARN', async () => {
      const { store } = open();
      const { ARN = '' } = await send.create(`${newNamespace()}/mine`, { id: 'theirs' });
      const read = await store.read({ secretArn: ARN, fields: { client_id: 'id' } });
      expect(read?.value.client_id).toBe('theirs');
    });
  });

  describe('refresh tokens', () => {
    async function open() {
      const namespace = newNamespace();
      const secretId = `${namespace}/refresh-tokens/crm`;
      await send.create(secretId);
      const store = createRefreshTokenStore({ client: host().clients.secretsManager, namespace, pace });
      return { store, secretId };
    }
    const token = (label: string): StoredRefreshToken => ({
      refresh_token: new Secret(canarySecret(label)),
      obtained_at: 1_767_225_600,
      attempt: `attempt-${label}`,
    });

    it('are undefined before the first', async () => {
      const { store } = await open();
      expect(await store.read('crm', {})).toBeUndefined();
      expect(await store.read('other', {})).toBeUndefined();
      expect(await store.currentVersionId('crm')).toBeUndefined();
    });

    it('are read by label and by the version that was asked for', async () => {
      const { store } = await open();
      const [one, two] = [randomUUID(), randomUUID()];
      expect(await store.put('crm', token('one'), one)).toEqual(['AWSCURRENT']);
      expect(await store.put('crm', token('two'), two)).toEqual(['AWSCURRENT']);
      const first = await store.read('crm', { versionId: one });
      expect(first?.value.refresh_token.reveal()).toBe(canarySecret('one'));
      expect(await store.read('crm', {})).toMatchObject({ versionId: two, stages: ['AWSCURRENT'] });
      expect(await store.read('crm', { stage: 'AWSPREVIOUS' })).toMatchObject({ versionId: one });
      expect(await store.currentVersionId('crm')).toBe(two);
      expect(await store.read('crm', { versionId: randomUUID() })).toBeUndefined();
    });

    it('written again under the same attempt write nothing, and answer with the labels of now', async () => {
      const { store, secretId } = await open();
      const [one, two] = [randomUUID(), randomUUID()];
      await store.put('crm', token('one'), one);
      expect(await store.put('crm', token('one'), one)).toEqual(['AWSCURRENT']);
      await store.put('crm', token('two'), two);
      expect(await store.put('crm', token('one'), one)).toEqual(['AWSPREVIOUS']);
      expect(await send.versions(secretId)).toHaveLength(2);
      expect(await store.currentVersionId('crm')).toBe(two);
    });

    it('are refused under an attempt that has stored another', async () => {
      const { store } = await open();
      const one = randomUUID();
      await store.put('crm', token('one'), one);
      await expect(store.put('crm', token('other'), one)).rejects.toMatchObject({ kind: 'conflict' });
      const kept = await store.read('crm', { versionId: one });
      expect(kept?.value.refresh_token.reveal()).toBe(canarySecret('one'));
    });

    it('prove that they could be written, and write nothing', async () => {
      const { store, secretId } = await open();
      await store.put('crm', token('one'), randomUUID());
      const read = await store.read('crm', {});
      if (read === undefined) throw new Error('nothing was stored');
      expect(await store.prove('crm', read)).toEqual(['AWSCURRENT']);
      expect(await send.versions(secretId)).toHaveLength(1);
    });

    it('are refused where there is no secret', async () => {
      const { store } = await open();
      const put = store.put('other', token('one'), randomUUID());
      await expect(put).rejects.toMatchObject({ kind: 'missing' });
    });
  });

  describeRefreshTokenStore('refresh tokens', async () => {
    const namespace = newNamespace();
    const secretId = `${namespace}/refresh-tokens/crm`;
    await send.create(secretId);
    return {
      store: createRefreshTokenStore({ client: host().clients.secretsManager, namespace, pace }),
      edit: async (refresh_token) => void (await send.put(secretId, { refresh_token })),
      pass: () => setTimeout(host().tickMs + 1),
    };
  });

  describe('tokens', () => {
    async function open() {
      const namespace = newNamespace();
      const secretId = `${namespace}/tokens/crm`;
      await send.create(secretId);
      const client = host().clients.secretsManager;
      const parameters = createTokenParameters({ client: host().clients.ssm, namespace, pace });
      const store = createTokenStore({ client, namespace, pace, parameters });
      return { store, secretId, rotation: createRotationSecrets({ client, pace }) };
    }
    const connection = (further: Partial<Connection> = {}) =>
      resolveConnection('crm', { tokenUrl: 'https://idp.example.com/token', credentials: 'crm', ...further });
    const published = (label: string): PublishedToken => ({
      token: { access_token: new Secret(canarySecret(label)), token_type: 'Bearer', extras: {} },
      expires_at: 1_767_229_200,
      obtained_at: 1_767_225_600,
    });

    it('are what consumers read, once for each version', async () => {
      const { store, secretId } = await open();
      const version = randomUUID();
      for (let times = 0; times < 2; times += 1) await store.publish(connection(), published('one'), version);
      const { SecretString = '', VersionId, VersionStages } = await send.get(secretId);
      expect(JSON.parse(SecretString)).toMatchObject({ access_token: canarySecret('one'), schema: 1 });
      expect({ VersionId, VersionStages }).toEqual({ VersionId: version, VersionStages: ['AWSCURRENT'] });
      expect(await send.versions(secretId)).toHaveLength(1);
    });

    it('leave what else is in a secret of someone else', async () => {
      const { store } = await open();
      const secretId = `${newNamespace()}/mine`;
      const { ARN: secretArn = '' } = await send.create(secretId, { token: 'old', theirs: 'kept' });
      const theirs = connection({ token: { secretArn, fields: { access_token: 'token' } } });
      await store.publish(theirs, published('one'), randomUUID());
      const { SecretString = '' } = await send.get(secretId);
      expect(JSON.parse(SecretString)).toMatchObject({ token: canarySecret('one'), theirs: 'kept' });
    });

    it('of a rotation are current and pending, until the label is taken away', async () => {
      const { store, secretId, rotation } = await open();
      const [before, rotated] = [randomUUID(), randomUUID()];
      await store.publish(connection(), published('before'), before);
      await store.publish(connection(), published('rotated'), rotated, {
        stages: ['AWSCURRENT', 'AWSPENDING'],
      });
      const stages = async () => (await rotation.stages(secretId)).get(rotated)?.toSorted();
      expect(await stages()).toEqual(['AWSCURRENT', 'AWSPENDING']);
      expect((await rotation.stages(secretId)).get(before)).toEqual(['AWSPREVIOUS']);
      expect((await rotation.accessToken(secretId))?.reveal()).toBe(canarySecret('rotated'));
      expect((await rotation.accessToken(secretId, before))?.reveal()).toBe(canarySecret('before'));
      await rotation.removePending(secretId, rotated);
      expect(await stages()).toEqual(['AWSCURRENT']);
    });
  });
}
