import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import {
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { createTokenReader, type TokenReader, TokenReaderError } from '../../reader/index.ts';
import { assertNoCanary, canarySecret } from '../support/canary.ts';
import { HOUR_MS, readerWorld, START } from './support/published-token.ts';

/** The error of a read, once it is known to be the reader's own and to show no secret. */
async function errorOf(reader: TokenReader, location: Parameters<TokenReader['accessToken']>[0] = 'crm') {
  const error = await reader.accessToken(location).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TokenReaderError)) throw new Error(`not the reader's own error: ${inspect(error)}`);
  assertNoCanary(inspect(error, { showHidden: true, depth: 10 }), 'the error');
  expect(error.cause).toBeUndefined();
  return error;
}

describe('the token of a connection', () => {
  test('is read where it is published, once', async () => {
    const { reader, publish, reads } = await readerWorld();
    const token = await publish('one');
    expect(await reader.accessToken('crm')).toBe(token);
    expect(await reader.accessToken('crm')).toBe(token);
    expect(reads()).toBe(1);
  });

  test('in another namespace is another', async () => {
    const { reader, client, store } = await readerWorld({ namespace: 'staging' });
    const access_token = canarySecret('staging');
    await store('staging/tokens/crm', JSON.stringify({ access_token, expires_at: START / 1000 + 3600 }));
    expect(await reader.accessToken('crm')).toBe(access_token);
    expect((await errorOf(createTokenReader({ client }))).code).toBe('unknown-connection');
  });

  test('is read from an existing secret by its ARN and the names that it has there', async () => {
    const { reader, store } = await readerWorld();
    const token = canarySecret('mapped');
    const value = { token, until: START / 1000 + 3600, user: 'somebody' };
    const secretArn = await store('legacy/crm', JSON.stringify(value));
    const fields = { access_token: 'token', expires_at: 'until' };
    expect(await reader.accessToken({ secretArn, fields })).toBe(token);
    expect((await errorOf(reader, { secretArn })).code).toBe('malformed-token');
  });

  test('has the same fields in a newer schema', async () => {
    const { reader, publish } = await readerWorld();
    const token = await publish('newer', { schema: 2, audience: 'https://api.example.com' });
    expect(await reader.accessToken('crm')).toBe(token);
  });

  test.each([
    [START + HOUR_MS - 60_001, 1],
    [START + HOUR_MS - 60_000, 2],
  ])('at %d has been read %d times', async (at, times) => {
    const world = await readerWorld();
    await world.publish('one');
    await world.reader.accessToken('crm');
    world.at = at;
    await world.reader.accessToken('crm');
    expect(world.reads()).toBe(times);
  });
});

describe('the Authorization header', () => {
  test.each(['bearer', 'BEARER', 'bot', 'Bearer Token'])(
    'is Bearer for a token of type %j',
    async (token_type) => {
      const { reader, publish } = await readerWorld();
      const token = await publish('one', { token_type });
      expect(await reader.authorizationHeader('crm')).toBe(`Bearer ${token}`);
    },
  );

  test('has the scheme that is asked for', async () => {
    const { reader, publish } = await readerWorld();
    const token = await publish('one');
    expect(await reader.authorizationHeader('crm', { scheme: 'token' })).toBe(`token ${token}`);
  });

  test('is made anew when it was rejected', async () => {
    const { reader, publish } = await readerWorld();
    await publish('one');
    const rejected = await reader.authorizationHeader('crm');
    const token = await publish('two');
    expect(await reader.authorizationHeader('crm', { rejected })).toBe(`Bearer ${token}`);
  });
});

describe('there is no token', () => {
  test('while the connection waits for its first: no-token-yet', async () => {
    const { reader, store } = await readerWorld();
    await store('evertoken/tokens/crm');
    const error = await errorOf(reader);
    expect(error).toMatchObject({ code: 'no-token-yet', secretId: 'evertoken/tokens/crm' });
    expect(error.message).toBe(
      'evertoken/tokens/crm is empty: the first refresh has not come to its end. See: evertoken status crm',
    );
  });

  test('and then there is, two seconds later at the latest', async () => {
    const world = await readerWorld();
    await world.store('evertoken/tokens/crm');
    await errorOf(world.reader);
    const token = await world.publish('one');
    world.at += 2_000;
    expect(await world.reader.accessToken('crm')).toBe(token);
  });

  test('the command to look at names the namespace', async () => {
    const { reader, store } = await readerWorld({ namespace: 'staging' });
    await store('staging/tokens/crm');
    expect((await errorOf(reader)).message).toContain('See: evertoken status --namespace staging crm');
  });

  test('of a name that does not exist: unknown-connection', async () => {
    const { reader } = await readerWorld();
    const error = await errorOf(reader);
    expect(error.code).toBe('unknown-connection');
    expect(error.message).toMatch(
      /does not exist .* Check the name, the namespace, the account and the Region/,
    );
  });

  test('in a secret that is marked for deletion: unknown-connection', async () => {
    const { reader, client, publish } = await readerWorld();
    await publish('one');
    await client.send(new DeleteSecretCommand({ SecretId: 'evertoken/tokens/crm', RecoveryWindowInDays: 7 }));
    expect((await errorOf(reader)).code).toBe('unknown-connection');
  });

  test('when it has expired: token-expired', async () => {
    const world = await readerWorld();
    await world.publish('one');
    world.at = START + HOUR_MS;
    expect((await errorOf(world.reader)).code).toBe('token-expired');
  });

  test.each([
    ['AccessDeniedException', 'User: arn:aws:iam::000000000000:user/me is not authorized to perform: x'],
    ['DecryptionFailure', "Secrets Manager can't decrypt the protected secret text."],
  ])('when reading is refused with %s: access-denied, in the words of AWS', async (name, words) => {
    const { reader, endpoint, publish } = await readerWorld();
    await publish('one');
    endpoint.inject = () => ({ before: new AwsError(name, words) });
    const error = await errorOf(reader);
    expect(error.code).toBe('access-denied');
    expect(error.message).toContain('secretsmanager:GetSecretValue');
    expect(error.message).toContain('kms:Decrypt');
    expect(error.message).toContain(words);
  });

  test.each([
    ['ThrottlingException', 400],
    ['InternalServiceError', 500],
    ['ExpiredTokenException', 403],
  ])('when Secrets Manager answers with %s: read-failed, with its name', async (name, status) => {
    const { reader, endpoint } = await readerWorld();
    endpoint.inject = () => ({ before: new AwsError(name, 'Rate exceeded', status) });
    const error = await errorOf(reader);
    expect(error.code).toBe('read-failed');
    expect(error.message).toBe(`evertoken/tokens/crm could not be read: ${name}: Rate exceeded`);
  });

  test('when the connection is cut: read-failed, with the code of the system', async () => {
    const { reader, endpoint } = await readerWorld();
    endpoint.inject = () => ({ before: 'reset' });
    const error = await errorOf(reader);
    expect(error.code).toBe('read-failed');
    expect(error.message).toContain('ECONNRESET');
  });

  test('when no answer comes in time: read-failed, with the time', async () => {
    const { reader, endpoint } = await readerWorld({ readTimeoutMs: 40 });
    endpoint.inject = () => ({ delayMs: 60_000 });
    const error = await errorOf(reader);
    expect(error.code).toBe('read-failed');
    expect(error.message).toBe('evertoken/tokens/crm could not be read: no answer within 40 ms');
  });

  test('when credentials take too long, which the SDK cannot cut short: read-failed', async () => {
    const { endpoint } = await readerWorld();
    const client = new SecretsManagerClient({
      endpoint: endpoint.url,
      region: 'us-east-1',
      credentials: () => new Promise(() => {}),
    });
    const error = await errorOf(createTokenReader({ client, readTimeoutMs: 40 }));
    expect(error.message).toContain('no answer within 40 ms');
  });

  test('when something answers that is not Secrets Manager: read-failed, and nothing of the answer', async () => {
    const server = createServer((_, response) => response.end(`{"SecretString": ${canarySecret('garbled')}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = new SecretsManagerClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
    onTestFinished(() => client.destroy());
    const error = await errorOf(createTokenReader({ client }));
    expect(error.message).toBe('evertoken/tokens/crm could not be read: SyntaxError');
  });
});

describe('a secret that holds no token is malformed-token, and is not quoted', () => {
  const expires_at = START / 1000 + 3600;
  const secret = canarySecret('malformed');

  test.each([
    ['text', secret, 'it is not a JSON object'],
    ['half a value', `{"access_token":"${secret}`, 'it is not a JSON object'],
    ['null', 'null', '"access_token" is not printable ASCII'],
    ['an array', JSON.stringify([secret]), '"access_token" is not printable ASCII'],
    [
      'no access_token',
      JSON.stringify({ expires_at, other: secret }),
      '"access_token" is not printable ASCII',
    ],
    [
      'an empty one',
      JSON.stringify({ access_token: '', expires_at }),
      '"access_token" is not printable ASCII',
    ],
    [
      'one with a line break, which would split the header',
      JSON.stringify({ access_token: `${secret}\r\nx: y`, expires_at }),
      '"access_token" is not printable ASCII',
    ],
    ['no expires_at', JSON.stringify({ access_token: secret }), '"expires_at" is not in epoch seconds'],
    [
      'milliseconds, which would never expire',
      JSON.stringify({ access_token: secret, expires_at: expires_at * 1000 }),
      '"expires_at" is not in epoch seconds',
    ],
    [
      'a string of digits',
      JSON.stringify({ access_token: secret, expires_at: String(expires_at) }),
      '"expires_at" is not in epoch seconds',
    ],
  ])('%s', async (_, value, problem) => {
    const { reader, store } = await readerWorld();
    await store('evertoken/tokens/crm', value);
    const error = await errorOf(reader);
    expect(error.code).toBe('malformed-token');
    expect(error.message).toBe(`evertoken/tokens/crm holds no token: ${problem}`);
  });

  test('binary data', async () => {
    const { reader, client, store } = await readerWorld();
    await store('evertoken/tokens/crm');
    const SecretBinary = Buffer.from(secret);
    await client.send(new PutSecretValueCommand({ SecretId: 'evertoken/tokens/crm', SecretBinary }));
    expect((await errorOf(reader)).code).toBe('malformed-token');
  });
});

describe('during an outage of Secrets Manager', () => {
  test('the token is served while it is good, and not a moment longer', async () => {
    const world = await readerWorld();
    const token = await world.publish('one');
    await world.reader.accessToken('crm');
    world.endpoint.inject = () => ({ before: 'reset' });
    world.at = START + HOUR_MS - 1;
    expect(await world.reader.accessToken('crm')).toBe(token);
    world.at += 1;
    expect((await errorOf(world.reader)).code).toBe('read-failed');
  });
});

describe('a caller that gives up', () => {
  test('stops waiting; the others get the token', async () => {
    const { reader, endpoint, publish, reads } = await readerWorld();
    const token = await publish('one');
    endpoint.inject = () => ({ delayMs: 100 });
    const controller = new AbortController();
    const given = expect(reader.accessToken('crm', { signal: controller.signal })).rejects.toThrow(
      'no longer',
    );
    const other = reader.accessToken('crm');
    controller.abort(new Error('no longer needed'));
    await given;
    expect(await other).toBe(token);
    expect(reads()).toBe(1);
  });

  test('had given up before', async () => {
    const { reader, publish } = await readerWorld();
    await publish('one');
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(reader.accessToken('crm', { signal })).rejects.toThrow('too late');
  });
});

describe('wrong usage is a TypeError that names it', () => {
  const unknown = { colour: 'red' };
  const client = new SecretsManagerClient({ region: 'us-east-1' });
  const reader = createTokenReader({ client });

  test.each([
    ['createTokenReader', async () => createTokenReader({ client, ...unknown })],
    ['accessToken', () => reader.accessToken('crm', unknown as object)],
    ['authorizationHeader', () => reader.authorizationHeader('crm', unknown as object)],
    ['fetchWithToken', () => reader.fetchWithToken('crm', unknown as object)('http://127.0.0.1:9')],
    ['a location', () => reader.accessToken({ secretArn: 'arn:aws:x', ...unknown })],
  ])('an unknown option of %s', async (_, call) => {
    await expect(call()).rejects.toThrow(new TypeError('unknown option "colour"'));
  });

  test.each([[''], [undefined], [null], [7], [{}], [{ secretArn: '' }]])(
    'the location %j',
    async (location) => {
      await expect(reader.accessToken(location as string)).rejects.toThrow(TypeError);
    },
  );
});

test('a reader shows no token when it is printed', async () => {
  const { reader, publish } = await readerWorld();
  await publish('one');
  await reader.accessToken('crm');
  assertNoCanary(inspect(reader, { showHidden: true, depth: 10 }) + JSON.stringify(reader), 'the reader');
});

test('the functions of a reader need no `this`', async () => {
  const { reader, publish } = await readerWorld();
  const token = await publish('one');
  const { accessToken, authorizationHeader } = reader;
  expect([await accessToken('crm'), await authorizationHeader('crm')]).toEqual([token, `Bearer ${token}`]);
});
