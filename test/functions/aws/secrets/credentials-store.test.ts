import { randomUUID } from 'node:crypto';
import { DeleteSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCredentialsStore } from '../../../../functions/aws/secrets/credentials-store.ts';
import { AwsError } from '../../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../../support/aws.ts';
import { canarySecret } from '../../../support/canary.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const HOUR = 3_600_000;

let aws: TestAws;
const clock = new VirtualClock();
beforeAll(async () => {
  aws = await TestAws.start(clock);
});
afterEach(() => {
  aws.endpoint.inject = undefined;
});
afterAll(() => aws[Symbol.asyncDispose]());

function open() {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  const store = createCredentialsStore({
    client: aws.clients.secretsManager,
    namespace,
    clock,
    cacheMs: 300_000,
    knownMs: 12 * HOUR,
  });
  const secretId = (name: string) => `${namespace}/credentials/${name}`;
  return { store, secretId };
}

const reads = () => aws.endpoint.calls.count({ operation: 'GetSecretValue' });

describe('what is not there', () => {
  it('is undefined, for the value as for the version', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('empty'));
    for (const name of ['absent', 'empty']) {
      expect(await store.read(name)).toBeUndefined();
      expect(await store.currentVersionId(name)).toBeUndefined();
    }
  });

  it('is looked for again at once', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'));
    await store.read('crm');
    await aws.putSecret(secretId('crm'), { client_id: 'id' });
    expect(await store.read('crm')).toMatchObject({ value: { client_id: 'id' } });
  });
});

describe('what may not be read', () => {
  it('is an error, not an absence', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), { client_id: 'id' });
    const denied = { before: new AwsError('AccessDeniedException', 'not authorized') };
    aws.failNext('GetSecretValue', denied);
    await expect(store.read('crm')).rejects.toMatchObject({ kind: 'denied' });
    aws.failNext('DescribeSecret', denied);
    await expect(store.currentVersionId('crm')).rejects.toMatchObject({ kind: 'denied' });
  });

  it('is unusable for a secret that is marked for deletion, for the value as for the version', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), { client_id: 'id' });
    await aws.clients.secretsManager.send(new DeleteSecretCommand({ SecretId: secretId('crm') }));
    const unusable = {
      kind: 'unusable',
      code: 'SecretMarkedForDeletion',
      message: expect.stringContaining('marked for deletion'),
    };
    await expect(store.read('crm')).rejects.toMatchObject(unusable);
    await expect(store.currentVersionId('crm')).rejects.toMatchObject(unusable);
  });

  it.each([
    ['a number where a string belongs', { client_id: 12345 }, '"client_id" must be a string'],
    ['a newer schema', { client_id: 'id', schema: 2 }, 'schema 2'],
    ['no JSON', canarySecret('not-json'), 'the secret is a plain string'],
  ])('is malformed for %s', async (_, value, message) => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), value);
    await expect(store.read('crm')).rejects.toMatchObject({
      kind: 'malformed',
      message: expect.stringContaining(message),
    });
  });
});

describe('a value', () => {
  it('comes with its version, and with everything but ids wrapped', async () => {
    const { store, secretId } = open();
    const stored = {
      client_id: 'id',
      client_secret: canarySecret('client'),
      private_key: canarySecret('key'),
      key_id: 'key-1',
      certificate: 'public',
      username: 'user',
      password: canarySecret('password'),
      account_id: canarySecret('of a preset'),
    };
    await aws.createSecret(secretId('crm'), stored);
    const version = await store.read('crm');
    expect(version).toMatchObject({ createdAt: clock.now(), stages: ['AWSCURRENT'] });
    expect(version?.versionId).toBe(await store.currentVersionId('crm'));
    const { client_secret, private_key, password, fields = {}, ...open_ } = version?.value ?? {};
    expect(
      [client_secret, private_key, password, fields['account_id']].map((secret) => secret?.reveal()),
    ).toEqual([stored.client_secret, stored.private_key, stored.password, stored.account_id]);
    expect(open_).toEqual({
      client_id: 'id',
      key_id: 'key-1',
      certificate: 'public',
      username: 'user',
      unread: ['account_id'],
    });
  });

  it('lacks what is null or empty in the secret', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), { client_id: 'id', client_secret: '', password: null });
    expect(Object.keys((await store.read('crm'))?.value ?? {})).toEqual(['client_id']);
  });

  it('may be binary, where that is UTF-8 text', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'));
    const put = (SecretBinary: Uint8Array) =>
      aws.clients.secretsManager.send(new PutSecretValueCommand({ SecretId: secretId('crm'), SecretBinary }));
    await put(Buffer.from('\uFEFF{"client_id": "id"}'));
    expect((await store.read('crm'))?.value).toEqual({ client_id: 'id' });
    await put(Uint8Array.of(0xff, 0xfe, 0x7b));
    await expect(store.read('crm', { fresh: true })).rejects.toMatchObject({
      code: 'MalformedCredentials',
      message: `${secretId('crm')}: the secret is binary data that is no UTF-8 text; expected JSON with client_id and client_secret`,
    });
  });

  it('may hold a private key as the JWK that it is', async () => {
    const { store, secretId } = open();
    const jwk = { kty: 'EC', crv: 'P-256', d: canarySecret('jwk') };
    await aws.createSecret(secretId('crm'), { client_id: 'id', private_key: jwk });
    const version = await store.read('crm');
    expect(JSON.parse(version?.value.private_key?.reveal() ?? '')).toEqual(jwk);
  });
});

describe('an existing secret', () => {
  it('is read by ARN, with its own field names and whatever else is in it', async () => {
    const { store } = open();
    const secretArn = await aws.createSecret(`legacy-${randomUUID()}x`, {
      clientId: 'legacy-id',
      client_secret: canarySecret('legacy'),
      schema: 'public',
    });
    const reference = { secretArn, fields: { client_id: 'clientId' } };
    const version = await store.read(reference);
    expect(version?.value.client_id).toBe('legacy-id');
    expect(version?.value.client_secret?.reveal()).toBe(canarySecret('legacy'));
    expect(await store.currentVersionId(reference)).toBe(version?.versionId);
    // Nobody said what it is called here, and the meaning is certain.
    expect((await store.read({ secretArn, fields: {} }))?.value.client_id).toBe('legacy-id');
  });
});

describe('the copy in memory', () => {
  it('serves 300 seconds', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), { client_id: 'old' });
    await store.read('crm');
    await aws.putSecret(secretId('crm'), { client_id: 'new' });
    aws.endpoint.calls.reset();
    clock.advance(299_999);
    expect((await store.read('crm'))?.value.client_id).toBe('old');
    expect(reads()).toBe(0);
    clock.advance(1);
    expect((await store.read('crm'))?.value.client_id).toBe('new');
    expect(reads()).toBe(1);
  });

  it('serves twelve hours while it is the version that was used last, whoever read it', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), { client_id: 'old' });
    const known = (await store.read('crm'))?.versionId;
    aws.endpoint.calls.reset();
    clock.advance(12 * HOUR - 1);
    expect((await store.read('crm', { known }))?.value.client_id).toBe('old');
    expect(reads()).toBe(0);
    const versionId = await aws.putSecret(secretId('crm'), { client_id: 'new' });
    expect((await store.read('crm', { known: versionId }))?.value.client_id).toBe('new');
    clock.advance(12 * HOUR);
    expect((await store.read('crm', { known: versionId }))?.value.client_id).toBe('new');
    expect(reads()).toBe(2);
  });

  it('is none once somebody has set the credentials, by clocks that are up to five minutes apart', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), { client_id: 'old' });
    const known = (await store.read('crm'))?.versionId;
    await aws.putSecret(secretId('crm'), { client_id: 'new' });
    const setAt = clock.now() - 299_999;
    expect((await store.read('crm', { known, setAt }))?.value.client_id).toBe('new');
    aws.endpoint.calls.reset();
    clock.advance(2);
    await store.read('crm', { setAt });
    expect(reads()).toBe(1);
    clock.advance(299_999);
    await store.read('crm', { setAt });
    expect(reads()).toBe(1);
  });

  it('is read once, however many ask for it at the same time', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), { client_id: 'id' });
    aws.endpoint.calls.reset();
    const versions = await Promise.all(Array.from({ length: 64 }, () => store.read('crm')));
    expect(reads()).toBe(1);
    expect(new Set(versions.map((version) => version?.versionId)).size).toBe(1);
  });

  it('is passed over and replaced by a fresh read', async () => {
    const { store, secretId } = open();
    await aws.createSecret(secretId('crm'), { client_id: 'old' });
    await store.read('crm');
    await aws.putSecret(secretId('crm'), { client_id: 'new' });
    expect((await store.read('crm', { fresh: true }))?.value.client_id).toBe('new');
    expect((await store.read('crm'))?.value.client_id).toBe('new');
  });
});
