import { request as httpRequest } from 'node:http';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import type { AwsCall } from '../../../local/aws/call-log.ts';
import { startAwsEndpoint } from '../../../local/aws/endpoint.ts';
import { AwsError } from '../../../local/aws/wire/error-answer.ts';
import { canarySecret } from '../../support/canary.ts';
import { clientSettings, createTable, runningEndpoint, START, token } from './support/running-endpoint.ts';

const SIGNED = 'AWS4-HMAC-SHA256 Credential=id/20260301/us-east-1/secretsmanager/aws4_request, Signature=x';

/** A request as no SDK would send it. */
async function raw(
  url: string,
  options: { headers?: Record<string, string>; body?: string; path?: string; method?: string },
) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    headers: object;
    body: string;
  }>();
  const request = httpRequest(new URL(options.path ?? '/', url), {
    method: options.method ?? 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.ListSecrets',
      authorization: SIGNED,
      ...options.headers,
    },
  });
  request.on('error', reject).on('response', async (response) => {
    const body = Buffer.concat(await response.toArray()).toString();
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
  });
  request.end(options.body ?? '{}');
  return promise;
}

describe('who may call', () => {
  it('refuses to listen beyond loopback', async () => {
    await expect(startAwsEndpoint({ port: 0, host: '0.0.0.0' })).rejects.toThrow(TypeError);
  });

  it.each([
    ['a web page', { origin: 'https://example.com' }],
    ['a page of this machine', { origin: 'http://127.0.0.1:8080' }],
    ['a sandboxed page', { origin: 'null' }],
    ['another host name', { host: 'rebound.example.com:4566' }],
  ])('refuses %s', async (_, headers) => {
    const { endpoint } = await runningEndpoint();
    const answer = await raw(endpoint.url, { headers });
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(endpoint.calls.all).toEqual([]);
  });

  it('refuses a preflight', async () => {
    const { endpoint } = await runningEndpoint();
    const answer = await raw(endpoint.url, { method: 'OPTIONS', headers: { origin: 'https://example.com' } });
    expect(answer.status).toBe(403);
  });

  it.each([
    ['unsigned', '', 'MissingAuthenticationTokenException'],
    ['signed otherwise', 'Bearer x', 'IncompleteSignatureException'],
    ['signed for another Region', SIGNED.replace('us-east-1', 'eu-west-1'), 'InvalidSignatureException'],
    ['signed for another service', SIGNED.replace('secretsmanager', 'ssm'), 'InvalidSignatureException'],
  ])('refuses a request that is %s', async (_, authorization, type) => {
    const { endpoint } = await runningEndpoint();
    const answer = await raw(endpoint.url, { headers: { authorization } });
    expect(answer).toMatchObject({ status: 403, headers: { 'x-amzn-errortype': type } });
    expect(JSON.parse(answer.body)).toMatchObject({ __type: type });
  });

  it('plays the account and Region that it is told', async () => {
    const { endpoint } = await runningEndpoint({ region: 'eu-west-1', accountId: '123456789012' });
    const client = new SecretsManagerClient({ ...clientSettings(endpoint), region: 'eu-west-1' });
    const { ARN } = await client.send(new CreateSecretCommand({ Name: 'x' }));
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-/);
  });
});

describe('what it answers to what it does not know', () => {
  it.each([
    ['another service', { headers: { 'x-amz-target': 'AWSGlue.GetTable' } }, 'AWSGlue.GetTable'],
    [
      'the query protocol',
      { headers: { 'x-amz-target': [] as unknown as string }, body: 'Action=GetCallerIdentity&Version=1' },
      'GetCallerIdentity',
    ],
    ['another path', { path: '/service/SecretsManager/operation/ListSecrets' }, 'ListSecrets'],
    ['another content type', { headers: { 'content-type': 'application/cbor' } }, 'application/cbor'],
  ])('names %s', async (_, options, named) => {
    const { endpoint } = await runningEndpoint();
    const answer = await raw(endpoint.url, options);
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'x-amzn-errortype': 'UnknownOperationException', 'x-amzn-requestid': expect.any(String) },
    });
    expect(answer.body).toContain(named);
  });

  it('refuses a body that is not JSON, and one of the wrong types', async () => {
    const { endpoint } = await runningEndpoint();
    for (const body of ['{', '{"MaxResults":"2"}', '[]']) {
      const answer = await raw(endpoint.url, { body });
      expect(JSON.parse(answer.body)).toMatchObject({ __type: 'SerializationException' });
    }
  });

  it('refuses a body above 16 MiB', async () => {
    const { endpoint } = await runningEndpoint();
    const answer = await raw(endpoint.url, { body: 'x'.repeat(16 * 1024 * 1024 + 1) });
    expect(answer).toMatchObject({
      status: 413,
      headers: { 'x-amzn-errortype': 'RequestEntityTooLargeException' },
    });
    expect((await raw(endpoint.url, {})).status).toBe(200);
  });
});

describe('the log of calls', () => {
  it('counts, tells and forgets', async () => {
    const { endpoint, secrets, parameters } = await runningEndpoint();
    const told: AwsCall[] = [];
    const stop = endpoint.calls.subscribe((call) => told.push(call));
    await secrets.send(new CreateSecretCommand({ Name: 'a' }));
    await secrets.send(new GetSecretValueCommand({ SecretId: 'a' })).catch(() => undefined);
    stop();
    await parameters.send(new GetParameterCommand({ Name: '/a' })).catch(() => undefined);
    expect(told).toEqual([
      { service: 'secretsmanager', operation: 'CreateSecret', resource: 'a', at: START },
      { service: 'secretsmanager', operation: 'GetSecretValue', resource: 'a', at: START },
    ]);
    expect(endpoint.calls.count({ service: 'ssm', operation: 'GetParameter', resource: '/a' })).toBe(1);
    expect(endpoint.calls.count()).toBe(3);
    endpoint.calls.reset();
    expect(endpoint.calls.all).toEqual([]);
  });
});

describe('injected faults', () => {
  const create = new CreateSecretCommand({ Name: 'a' });

  it('fails before anything happened', async () => {
    const { endpoint, secrets } = await runningEndpoint();
    endpoint.inject = (service, operation, resource) =>
      service === 'secretsmanager' && operation === 'CreateSecret' && resource === 'a'
        ? { before: new AwsError('ThrottlingException', 'Rate exceeded') }
        : undefined;
    await expect(secrets.send(create)).rejects.toMatchObject({ name: 'ThrottlingException' });
    endpoint.inject = undefined;
    await secrets.send(create);
  });

  it.each([
    ['an error', new AwsError('InternalServiceError', 'oops', 500), { name: 'InternalServiceError' }],
    ['a cut connection', 'reset', { code: 'ECONNRESET' }],
  ] as const)('takes effect and answers with %s', async (_, afterEffect, error) => {
    const { endpoint, secrets } = await runningEndpoint();
    endpoint.inject = () => ({ afterEffect });
    await expect(secrets.send(create)).rejects.toMatchObject(error);
    endpoint.inject = undefined;
    await expect(secrets.send(create)).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  it('lets a repeated PutSecretValue find that it had succeeded', async () => {
    const { endpoint } = await runningEndpoint();
    const client = new SecretsManagerClient({ ...clientSettings(endpoint), maxAttempts: 3 });
    await client.send(create);
    let faults = 1;
    endpoint.inject = () => (faults-- > 0 ? { afterEffect: 'reset' } : undefined);
    const SecretString = canarySecret('retried');
    const request = { SecretId: 'a', SecretString, ClientRequestToken: token('1') };
    expect(await client.send(new PutSecretValueCommand(request))).toMatchObject({
      VersionStages: ['AWSCURRENT'],
    });
    expect(endpoint.calls.count({ operation: 'PutSecretValue' })).toBe(2);
  });

  it('answers a read as it was before the latest version', async () => {
    const { endpoint, secrets } = await runningEndpoint();
    const put = (digit: string) =>
      secrets.send(
        new PutSecretValueCommand({
          SecretId: 'a',
          SecretString: canarySecret(digit),
          ClientRequestToken: token(digit),
        }),
      );
    const read = (VersionId?: string) =>
      secrets.send(new GetSecretValueCommand({ SecretId: 'a', VersionId }));
    await secrets.send(create);
    await put('1');
    await put('2');
    endpoint.inject = () => ({ stale: true });
    expect(await read()).toMatchObject({ VersionId: token('1'), VersionStages: ['AWSCURRENT'] });
    await expect(read(token('2'))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await secrets.send(new DescribeSecretCommand({ SecretId: 'a' }))).VersionIdsToStages).toEqual({
      [token('1')]: ['AWSCURRENT'],
    });
    endpoint.inject = undefined;
    expect(await read()).toMatchObject({ VersionId: token('2'), VersionStages: ['AWSCURRENT'] });
  });

  it('applies to tables and functions too', async () => {
    const { endpoint, tables, lambda } = await runningEndpoint();
    const handler = vi.fn();
    endpoint.functions.set('f', handler);
    endpoint.inject = () => ({ before: 'reset' });
    const read = new GetItemCommand({ TableName: 'state', Key: { pk: { S: 'x' } } });
    await expect(tables.send(read)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'f' }))).rejects.toThrow();
    expect(handler).not.toHaveBeenCalled();
  });

  it('delays, and ends a delay when it closes', async () => {
    const { endpoint, secrets } = await runningEndpoint();
    endpoint.inject = () => ({ delayMs: 600_000 });
    const called = new Promise((resolve) => endpoint.calls.subscribe(resolve));
    const pending = secrets.send(create).catch((error: Error) => error);
    await called;
    await endpoint.close();
    expect(await pending).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('what listeners do', () => {
  it('is not the caller’s business when it fails', async () => {
    const { endpoint, parameters } = await runningEndpoint();
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    endpoint.onParameterChange(() => {
      throw new TypeError(canarySecret('listener'));
    });
    await parameters.send(new PutParameterCommand({ Name: '/a', Value: 'v', Type: 'String' }));
    await endpoint.idle();
    expect(warnings.mock.calls).toEqual([
      ['a listener of Parameter Store Change failed: TypeError', 'LocalAwsWarning'],
    ]);
    warnings.mockRestore();
  });
});

it.each(['Event', 'RequestResponse'] as const)(
  'lets a function that was invoked by %s come to its end, with all services, before it is closed',
  async (InvocationType) => {
    const { endpoint, secrets, lambda } = await runningEndpoint();
    const [began, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let created: string | undefined;
    endpoint.functions.set('f', async () => {
      began.resolve();
      await gate.promise;
      ({ Name: created } = await secrets.send(new CreateSecretCommand({ Name: 'a' })));
    });
    const invoked = lambda.send(new InvokeCommand({ FunctionName: 'f', InvocationType }));
    await began.promise;
    const closed = endpoint.close();
    gate.resolve();
    await closed;
    expect(created).toBe('a');
    expect((await invoked).FunctionError).toBeUndefined();
    await expect(fetch(endpoint.url)).rejects.toThrow();
  },
);

it('says when its port is taken', async () => {
  const { endpoint } = await runningEndpoint();
  const port = Number(new URL(endpoint.url).port);
  await expect(startAwsEndpoint({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

it('makes nothing of tables that it does not keep', async () => {
  const { tables } = await runningEndpoint();
  await createTable(tables, { TableName: 'state' });
  await tables.send(new PutItemCommand({ TableName: 'state', Item: { pk: { S: 'x' } } }));
  const other = await runningEndpoint();
  const read = new GetItemCommand({ TableName: 'state', Key: { pk: { S: 'x' } } });
  await expect(other.tables.send(read)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
