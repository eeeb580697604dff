import { randomUUID } from 'node:crypto';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTokenParameters } from '../../../../functions/aws/parameters/token-parameters.ts';
import { createTokenStore } from '../../../../functions/aws/secrets/token-store.ts';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { withRules } from '../../../../functions/connections/connection-rules.ts';
import { RFC_PRESET, resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { TokenSet } from '../../../../functions/oauth/token-set.ts';
import type { PublishedToken } from '../../../../functions/refresh/ports/stores.ts';
import { AwsError } from '../../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../../support/aws.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await TestAws.start();
});
afterEach(() => {
  aws.endpoint.inject = undefined;
});
afterAll(() => aws[Symbol.asyncDispose]());

async function open() {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  const secretId = `${namespace}/tokens/crm`;
  await aws.createSecret(secretId);
  let turns = 0;
  const pace = {
    async turn() {
      turns += 1;
      return { takenAt: 0 };
    },
  };
  const parameters = createTokenParameters({ client: aws.clients.ssm, namespace, pace });
  const store = createTokenStore({ client: aws.clients.secretsManager, namespace, pace, parameters });
  return { store, secretId, turns: () => turns, parameter: `/${namespace}/tokens/crm` };
}

const connectionOf = (further: Partial<Connection> = {}): Connection => ({
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'crm',
  ...further,
});

const connection = (further: Partial<Connection> = {}) => resolveConnection('crm', connectionOf(further));

function published(label: string, further: Partial<TokenSet> = {}): PublishedToken {
  return {
    token: { access_token: new Secret(`access-${label}`), token_type: 'Bearer', extras: {}, ...further },
    expires_at: 1_767_229_200,
    obtained_at: 1_767_225_600,
  };
}

async function read(secretId: string, versionId?: string) {
  const command = new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId });
  const { SecretString = '', VersionId, VersionStages } = await aws.clients.secretsManager.send(command);
  return { text: SecretString, value: JSON.parse(SecretString), versionId: VersionId, stages: VersionStages };
}

describe('our own secret', () => {
  it('says how the API wants to see the token, where that is the provider’s own way', async () => {
    const { store, secretId } = await open();
    const presentation = { header: 'X-Token', scheme: '', headers: { 'X-Kind': 'jwt' } };
    const rules = { accessToken: { presentation } };
    const resolved = resolveConnection('crm', connectionOf(), withRules(RFC_PRESET, rules));
    const token = published('one', { extras: { presentation: 'from an answer' } });
    await store.publish(resolved, token, randomUUID());
    expect((await read(secretId)).value.presentation).toEqual(presentation);
    await store.publish(connection(), token, randomUUID());
    expect((await read(secretId)).value).not.toHaveProperty('presentation');
  });

  it('holds what consumers read, under the given version', async () => {
    const { store, secretId, turns } = await open();
    const versionId = randomUUID();
    const token = published('one', {
      scope: 'a b',
      extras: { instance_url: 'https://acme.example', seats: 3 },
    });
    await store.publish(connection(), token, versionId);
    const stored = await read(secretId);
    expect(stored.versionId).toBe(versionId);
    expect(stored.value).toEqual({
      schema: 1,
      access_token: 'access-one',
      token_type: 'Bearer',
      expires_at: 1_767_229_200,
      obtained_at: 1_767_225_600,
      scope: 'a b',
      instance_url: 'https://acme.example',
      seats: 3,
    });
    expect(turns()).toBe(1);
  });

  it('never holds a refresh token, credentials or an id_token, whatever the extras say', async () => {
    const { store, secretId } = await open();
    const secret = canarySecret('never-published');
    const forbidden = [
      'refresh_token',
      'client_secret',
      'private_key',
      'password',
      'id_token',
      'access_token',
    ];
    const token = published('one', {
      refresh_token: new Secret(secret),
      id_token: new Secret(secret),
      extras: Object.fromEntries(forbidden.map((key) => [key, secret])),
    });
    await store.publish(connection(), token, randomUUID());
    assertNoCanary((await read(secretId)).text, 'the token secret');
  });

  it('holds the id_token on request', async () => {
    const { store, secretId } = await open();
    const token = published('one', { id_token: new Secret('id') });
    await store.publish(connection({ publishIdToken: true }), token, randomUUID());
    expect((await read(secretId)).value).toMatchObject({ id_token: 'id' });
  });

  it('is written whole: nothing of the token before stays', async () => {
    const { store, secretId } = await open();
    await store.publish(connection(), published('one', { scope: 'a' }), randomUUID());
    await store.publish(connection(), published('two'), randomUUID());
    expect((await read(secretId)).value).not.toHaveProperty('scope');
  });

  it('is written once when the answer is lost', async () => {
    const { store, secretId } = await open();
    const versionId = randomUUID();
    aws.failNext('PutSecretValue', { afterEffect: 'reset' });
    await store.publish(connection(), published('one'), versionId);
    expect((await read(secretId)).versionId).toBe(versionId);
  });

  it('takes the labels of a rotation', async () => {
    const { store, secretId } = await open();
    const versionId = randomUUID();
    const stages = ['AWSCURRENT', 'AWSPENDING'];
    await store.publish(connection(), published('one'), versionId, { stages });
    expect((await read(secretId)).stages?.toSorted()).toEqual(stages);
  });

  it('that does not exist is missing', async () => {
    const { store } = await open();
    const unknown = { ...connection(), name: 'unknown' };
    await expect(store.publish(unknown, published('one'), randomUUID())).rejects.toMatchObject({
      kind: 'missing',
    });
  });
});

describe("a connection's own secret", () => {
  const fields = { access_token: 'token', expires_at: 'expiry' };

  it('gets our fields under its names and keeps all the others', async () => {
    const { store } = await open();
    const before = { schema: 'public', account: 123, token: 'old', nested: { a: ['b'] } };
    const secretArn = await aws.createSecret(`legacy-${randomUUID()}x`, before);
    await store.publish(connection({ token: { secretArn, fields } }), published('one'), randomUUID());
    expect((await read(secretArn)).value).toEqual({
      ...before,
      token: 'access-one',
      token_type: 'Bearer',
      expiry: 1_767_229_200,
      obtained_at: 1_767_225_600,
    });
  });

  it('may be empty', async () => {
    const { store } = await open();
    const secretArn = await aws.createSecret(`legacy-${randomUUID()}x`);
    await store.publish(connection({ token: { secretArn, fields } }), published('one'), randomUUID());
    expect((await read(secretArn)).value).toMatchObject({ token: 'access-one' });
  });

  it('is published to again under the same version without a conflict', async () => {
    const { store } = await open();
    const secretArn = await aws.createSecret(`legacy-${randomUUID()}x`, { token: 'old', account: 1 });
    const versionId = randomUUID();
    const adopted = connection({ token: { secretArn, fields } });
    for (let times = 0; times < 2; times += 1) await store.publish(adopted, published('one'), versionId);
    expect((await read(secretArn)).versionId).toBe(versionId);
  });

  it('that does not hold a JSON object is left as it is', async () => {
    const { store } = await open();
    const secretArn = await aws.createSecret(`legacy-${randomUUID()}x`, 'a bare token');
    const adopted = connection({ token: { secretArn, fields } });
    await expect(store.publish(adopted, published('one'), randomUUID())).rejects.toMatchObject({
      kind: 'malformed',
    });
    const command = new GetSecretValueCommand({ SecretId: secretArn });
    expect((await aws.clients.secretsManager.send(command)).SecretString).toBe('a bare token');
  });
});

describe('a token that lives too short for a secret', () => {
  const toParameter = { place: 'parameter', isMove: true } as const;

  async function parameterValue(name: string) {
    const { Parameter } = await aws.clients.ssm.send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    return { ...Parameter, value: JSON.parse(Parameter?.Value ?? '{}') };
  }

  it('is in a parameter, with all that the secret would hold, and the secret says where', async () => {
    const { store, secretId, parameter } = await open();
    const versionId = randomUUID();
    await store.publish(connection(), published('one', { scope: 'read' }), versionId, toParameter);
    const stored = await parameterValue(parameter);
    expect(stored.Type).toBe('SecureString');
    expect(stored.value).toEqual({
      schema: 1,
      access_token: 'access-one',
      token_type: 'Bearer',
      expires_at: 1_767_229_200,
      obtained_at: 1_767_225_600,
      scope: 'read',
    });
    const secret = await read(secretId);
    expect(secret.value).toEqual({ schema: 1, parameter });
    expect(secret.versionId).toBe(versionId);
  });

  it('writes the secret no more after that', async () => {
    const { store, secretId, parameter } = await open();
    await store.publish(connection(), published('one'), randomUUID(), toParameter);
    const { versionId } = await read(secretId);
    await store.publish(connection(), published('two'), randomUUID(), { place: 'parameter' });
    expect((await read(secretId)).versionId).toBe(versionId);
    expect((await parameterValue(parameter)).value.access_token).toBe('access-two');
  });

  it('leads nobody there before it is there', async () => {
    const { store, secretId } = await open();
    await store.publish(connection(), published('before'), randomUUID());
    const denied = { before: new AwsError('AccessDeniedException', 'no', 400) };
    aws.endpoint.inject = (_, operation) => (operation === 'PutParameter' ? denied : undefined);
    await expect(
      store.publish(connection(), published('one'), randomUUID(), toParameter),
    ).rejects.toMatchObject({
      kind: 'denied',
    });
    aws.endpoint.inject = undefined;
    expect((await read(secretId)).value.access_token).toBe('access-before');
  });

  it('goes back with the parameter deleted, once the secret holds a token', async () => {
    const { store, secretId, parameter } = await open();
    await store.publish(connection(), published('one'), randomUUID(), toParameter);
    await store.publish(connection(), published('two'), randomUUID(), { place: 'secret', isMove: true });
    expect((await read(secretId)).value).toMatchObject({ access_token: 'access-two' });
    await expect(parameterValue(parameter)).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('is proved to be writable by writing the same again', async () => {
    const { store, parameter } = await open();
    await store.prove(connection(), randomUUID(), { place: 'parameter' });
    await store.publish(connection(), published('one'), randomUUID(), toParameter);
    const before = await parameterValue(parameter);
    await store.prove(connection(), randomUUID(), { place: 'parameter' });
    const after = await parameterValue(parameter);
    expect(after.value).toEqual(before.value);
    expect(after.Version).toBe((before.Version ?? 0) + 1);
  });

  it('is stored whatever it holds: also what Parameter Store takes for a reference', async () => {
    const { store, parameter } = await open();
    const token = published('one', { access_token: new Secret('{{resolve:x}}') });
    await store.publish(connection(), token, randomUUID(), toParameter);
    expect((await parameterValue(parameter)).value.access_token).toBe('{{resolve:x}}');
  });
});
