import { inspect } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { createTokenReader, type TokenReader, TokenReaderError } from '../../reader/index.ts';
import { assertNoCanary, canarySecret } from '../support/canary.ts';
import { protectedApi } from './support/protected-api.ts';
import { HOUR_MS, PARAMETER, type ReaderWorld, readerWorld, START } from './support/published-token.ts';

const POINTS = `evertoken/tokens/crm points to the parameter ${PARAMETER}, which `;
const expires_at = START / 1000 + 3600;

/** The error of a read, once it is known to be the reader's own and to show no secret. */
async function errorOf(reader: TokenReader): Promise<TokenReaderError> {
  const error = await reader.accessToken('crm').catch((reason: unknown) => reason);
  if (!(error instanceof TokenReaderError)) throw new Error(`not the reader's own error: ${inspect(error)}`);
  assertNoCanary(inspect(error, { showHidden: true, depth: 10 }), 'the error');
  expect(error.cause).toBeUndefined();
  expect(error.secretId).toBe('evertoken/tokens/crm');
  return error;
}

const forget = ({ ssm }: ReaderWorld) => ssm.send(new DeleteParameterCommand({ Name: PARAMETER }));
const calls = (world: ReaderWorld) => ({ secret: world.reads(), parameter: world.parameterReads() });

describe('a token that lies in a parameter', () => {
  test('is read there, once', async () => {
    const world = await readerWorld();
    const token = await world.publishParameter('one');
    expect(await world.reader.accessToken('crm')).toBe(token);
    expect(await world.reader.accessToken('crm')).toBe(token);
    expect(calls(world)).toEqual({ secret: 1, parameter: 1 });
  });

  test('is shown as its own JSON says', async () => {
    const world = await readerWorld();
    const presentation = { header: 'X-Token', scheme: 'Key', headers: {} };
    const token = await world.publishParameter('one', { presentation });
    expect(await world.reader.authorizationHeader('crm')).toBe(`Key ${token}`);
  });

  test('is read again there alone when it is about to expire', async () => {
    const world = await readerWorld();
    await world.publishParameter('one', { expires_at: START / 1000 + 300 });
    await world.reader.accessToken('crm');
    const token = await world.publishParameter('two', { expires_at: START / 1000 + 525 });
    world.at = START + 269_999;
    expect(await world.reader.accessToken('crm')).not.toBe(token);
    world.at += 1;
    expect(await world.reader.accessToken('crm')).toBe(token);
    expect(calls(world)).toEqual({ secret: 1, parameter: 2 });
  });

  test('is read again there alone after a 401, and the request is repeated', async () => {
    const world = await readerWorld();
    const api = await protectedApi();
    await world.publishParameter('one');
    const old = await world.reader.authorizationHeader('crm');
    api.accepts = `Bearer ${await world.publishParameter('two')}`;
    expect((await world.reader.fetchWithToken('crm')(api.url)).status).toBe(200);
    expect(api.seen.map(({ authorization }) => authorization)).toEqual([old, api.accepts]);
    expect(calls(world)).toEqual({ secret: 1, parameter: 2 });
  });

  test('is found in the secret again once it has been moved back', async () => {
    const world = await readerWorld();
    await world.publishParameter('one');
    const rejected = await world.reader.accessToken('crm');
    const token = await world.publish('two');
    await forget(world);
    expect(await world.reader.accessToken('crm', { rejected })).toBe(token);
    expect(calls(world)).toEqual({ secret: 2, parameter: 2 });
    // From then on the parameter is not asked.
    world.at = START + HOUR_MS - 1;
    await world.reader.accessToken('crm');
    expect(calls(world)).toEqual({ secret: 3, parameter: 2 });
  });

  test('is found in the secret where an expired one was left in the parameter', async () => {
    const world = await readerWorld();
    await world.publishParameter('one');
    await world.reader.accessToken('crm');
    const token = await world.publish('two', { expires_at: expires_at + 3600 });
    world.at = START + HOUR_MS;
    expect(await world.reader.accessToken('crm')).toBe(token);
  });

  test('is found in another parameter once the secret points to that', async () => {
    const world = await readerWorld();
    await world.publishParameter('one');
    const rejected = await world.reader.accessToken('crm');
    const access_token = canarySecret('elsewhere');
    await world.storeParameter('/evertoken/tokens/crm/2', JSON.stringify({ access_token, expires_at }));
    await world.store('evertoken/tokens/crm', '{"parameter":"/evertoken/tokens/crm/2"}');
    await forget(world);
    expect(await world.reader.accessToken('crm', { rejected })).toBe(access_token);
  });

  test('is found in the secret when it is moved back between the two reads', async () => {
    const world = await readerWorld();
    await world.publishParameter('one');
    const token = await world.publish('two');
    await forget(world);
    world.endpoint.inject = () => (world.reads() > 1 ? undefined : { stale: true });
    expect(await world.reader.accessToken('crm')).toBe(token);
    expect(calls(world)).toEqual({ secret: 2, parameter: 1 });
  });

  test('is served while it is good and Parameter Store cannot be read, and no longer', async () => {
    const world = await readerWorld();
    const token = await world.publishParameter('one');
    await world.reader.accessToken('crm');
    world.endpoint.inject = () => ({ before: 'reset' });
    world.at = START + HOUR_MS - 1;
    expect(await world.reader.accessToken('crm')).toBe(token);
    world.at += 1;
    expect(await errorOf(world.reader)).toMatchObject({ code: 'read-failed', parameter: PARAMETER });
  });

  test('may be that of an existing secret, by the names that its fields have', async () => {
    const world = await readerWorld();
    const token = canarySecret('mapped');
    await world.storeParameter(PARAMETER, JSON.stringify({ token, until: expires_at }));
    const secretArn = await world.store('legacy/crm', JSON.stringify({ parameter: PARAMETER, user: 'x' }));
    const fields = { access_token: 'token', expires_at: 'until' };
    expect(await world.reader.accessToken({ secretArn, fields })).toBe(token);
  });
});

describe('a field "parameter" is no pointer', () => {
  test('beside a token, which may have any further field', async () => {
    const world = await readerWorld();
    const token = await world.publish('one', { parameter: PARAMETER });
    expect(await world.reader.accessToken('crm')).toBe(token);
    expect(world.parameterReads()).toBe(0);
  });

  test('beside a token that has another name there', async () => {
    const world = await readerWorld();
    const token = canarySecret('mapped');
    const value = JSON.stringify({ token, expires_at, parameter: PARAMETER });
    const secretArn = await world.store('legacy/crm', value);
    expect(await world.reader.accessToken({ secretArn, fields: { access_token: 'token' } })).toBe(token);
  });

  test('inside a parameter: one leads to no other', async () => {
    const world = await readerWorld();
    await world.publishParameter('one');
    await world.storeParameter(PARAMETER, JSON.stringify({ parameter: '/evertoken/tokens/other' }));
    const error = await errorOf(world.reader);
    expect(error.code).toBe('malformed-token');
    expect(error.message).toBe(`${POINTS}holds no token: "access_token" is not printable ASCII`);
    expect(world.parameterReads()).toBe(1);
  });

  test.each([[7], [null], [['/evertoken/tokens/crm']]])('when it is %j', async (parameter) => {
    const world = await readerWorld();
    await world.store('evertoken/tokens/crm', JSON.stringify({ parameter }));
    expect((await errorOf(world.reader)).message).toContain('"access_token" is not printable ASCII');
  });
});

describe('a pointer that is not the name of a parameter of tokens is malformed-token, and is not quoted', () => {
  const secret = canarySecret('pointer');

  test.each([
    [''],
    [secret],
    [`evertoken/tokens/${secret}`],
    ['arn:aws:ssm:us-east-1:111111111111:parameter/evertoken/tokens/crm'],
    ['/evertoken/rescue/crm'],
    ['/evertoken/tokens/'],
    ['/evertoken/tokens/crm:3'],
    ['/evertoken/tokens/crm\n'],
    ['/aws/reference/secretsmanager/evertoken/tokens/crm'],
  ])('%j', async (parameter) => {
    const world = await readerWorld();
    await world.store('evertoken/tokens/crm', JSON.stringify({ schema: 1, parameter }));
    const error = await errorOf(world.reader);
    expect(error).toMatchObject({ code: 'malformed-token', parameter: undefined });
    expect(error.message).toBe(
      'evertoken/tokens/crm holds no token: "parameter" is not the name of one under "/…/tokens/"',
    );
    expect(world.parameterReads()).toBe(0);
  });
});

describe('there is no token in the parameter', () => {
  test('when it does not exist: unknown-connection, and the secret has been asked twice', async () => {
    const world = await readerWorld();
    await world.publishParameter('one');
    await forget(world);
    const error = await errorOf(world.reader);
    expect(error).toMatchObject({ code: 'unknown-connection', parameter: PARAMETER });
    expect(error.message).toBe(
      `${POINTS}does not exist here. It is only in the account and the Region of the deployment. See: evertoken status crm`,
    );
    expect(calls(world)).toEqual({ secret: 2, parameter: 1 });
  });

  test('when it has expired: token-expired, and the secret is asked again from the second read on', async () => {
    const world = await readerWorld();
    await world.publishParameter('one');
    world.at = START + HOUR_MS;
    expect(await errorOf(world.reader)).toMatchObject({ code: 'token-expired', parameter: PARAMETER });
    expect(calls(world)).toEqual({ secret: 1, parameter: 1 });
    world.at += 2_000;
    expect(await errorOf(world.reader)).toMatchObject({ code: 'token-expired', parameter: PARAMETER });
    expect(calls(world)).toEqual({ secret: 2, parameter: 2 });
  });

  test.each([
    ['AccessDeniedException', 'User: arn:aws:iam::000000000000:user/me is not authorized to perform: x'],
    ['InvalidKeyId', 'arn:aws:kms:us-east-1:000000000000:key/1 is disabled.'],
  ])('when reading is refused with %s: access-denied, and what to grant', async (name, words) => {
    const world = await readerWorld();
    await world.publishParameter('one');
    world.endpoint.inject = (_, operation) =>
      operation === 'GetParameter' ? { before: new AwsError(name, words) } : undefined;
    const error = await errorOf(world.reader);
    expect(error).toMatchObject({ code: 'access-denied', parameter: PARAMETER });
    expect(error.message).toBe(
      `${POINTS}may not be read; it takes ssm:GetParameter on it, and kms:Decrypt with its key. ${name}: ${words}`,
    );
  });

  test('when Parameter Store throttles: read-failed, with its name', async () => {
    const world = await readerWorld();
    await world.publishParameter('one');
    world.endpoint.inject = (_, operation) =>
      operation === 'GetParameter'
        ? { before: new AwsError('ThrottlingException', 'Rate exceeded') }
        : undefined;
    const error = await errorOf(world.reader);
    expect(error.code).toBe('read-failed');
    expect(error.message).toBe(`${POINTS}could not be read: ThrottlingException: Rate exceeded`);
  });

  test('when no answer comes in time: read-failed, with the time', async () => {
    const world = await readerWorld({ readTimeoutMs: 300 });
    await world.publishParameter('one');
    world.endpoint.inject = (_, operation) =>
      operation === 'GetParameter' ? { delayMs: 60_000 } : undefined;
    const error = await errorOf(world.reader);
    expect(error.message).toBe(`${POINTS}could not be read: no answer within 300 ms`);
  });

  test.each([
    ['text', 'it is not a JSON object', canarySecret('text')],
    ['no expiry', '"expires_at" is not in epoch seconds', `{"access_token":"${canarySecret('endless')}"}`],
  ])('when it holds %s: malformed-token', async (_, problem, value) => {
    const world = await readerWorld();
    await world.publishParameter('one');
    await world.storeParameter(PARAMETER, value);
    const error = await errorOf(world.reader);
    expect(error).toMatchObject({ code: 'malformed-token', parameter: PARAMETER });
    expect(error.message).toBe(`${POINTS}holds no token: ${problem}`);
  });
});

test.each([
  ['none', undefined],
  ['no number', 'yesterday'],
  ['one after it expires', expires_at + 1],
])('a token with an instant of obtaining that is %s is read again 60 s before it expires', async (_, at) => {
  const world = await readerWorld();
  await world.publish('one', { obtained_at: at });
  await world.reader.accessToken('crm');
  world.at = START + HOUR_MS - 60_001;
  await world.reader.accessToken('crm');
  expect(world.reads()).toBe(1);
  world.at += 1;
  await world.reader.accessToken('crm');
  expect(world.reads()).toBe(2);
});

test('without a client of SSM, one reaches AWS as that of Secrets Manager does', async () => {
  const world = await readerWorld();
  const token = await world.publishParameter('one');
  const { hostname, port } = new URL(world.endpoint.url);
  const hosts: string[] = [];
  const direct = world.client.config.requestHandler;
  // As a proxy does: whatever the host, it goes there.
  const handle: typeof direct.handle = (request, options) => {
    hosts.push(request.hostname);
    const headers = { ...request.headers, host: `${hostname}:${port}` };
    return direct.handle(
      Object.assign(request, { protocol: 'http:', hostname, port: Number(port), headers }),
      options,
    );
  };
  const client = new SecretsManagerClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { handle },
  });
  onTestFinished(() => client.destroy());
  const reader = createTokenReader({ client, now: () => world.at });
  expect(await reader.accessToken('crm')).toBe(token);
  expect(hosts).toEqual(['secretsmanager.us-east-1.amazonaws.com', 'ssm.us-east-1.amazonaws.com']);
});
