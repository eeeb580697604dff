import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import type { BusEvent } from '../../../local/aws/event-bus.ts';
import { canarySecret } from '../../support/canary.ts';
import { runningEndpoint, START } from './support/running-endpoint.ts';

const NAME = '/evertoken/connections/crm';

function put(client: SSMClient, options: Partial<PutParameterCommandInput> = {}) {
  return client.send(new PutParameterCommand({ Name: NAME, Value: 'v', Type: 'String', ...options }));
}

describe('PutParameter', () => {
  it.each([
    ['/aws/reserved', 'AccessDeniedException'],
    ['/AWS/reserved', 'AccessDeniedException'],
    ['aws-thing', 'ValidationException'],
    ['/ssm/thing', 'ValidationException'],
    ['SSMthing', 'ValidationException'],
    ['evertoken/not-absolute', 'ValidationException'],
    ['/double//slash', 'ValidationException'],
    ['/trailing/', 'ValidationException'],
    ['/with space', 'ValidationException'],
    [`/${'x'.repeat(1011)}`, 'ValidationException'],
    ['/1'.repeat(16), 'HierarchyLevelLimitExceededException'],
  ])('refuses the name %.30s', async (Name, name) => {
    const { parameters } = await runningEndpoint();
    await expect(put(parameters, { Name })).rejects.toMatchObject({ name });
  });

  it('takes 15 levels', async () => {
    const { parameters } = await runningEndpoint();
    expect(await put(parameters, { Name: '/1'.repeat(15) })).toMatchObject({ Version: 1, Tier: 'Standard' });
  });

  it('refuses to overwrite unless asked to, and counts versions', async () => {
    const { parameters } = await runningEndpoint();
    await put(parameters);
    await expect(put(parameters)).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect(await put(parameters, { Overwrite: true, Value: 'w' })).toMatchObject({ Version: 2 });
    const { Parameter } = await parameters.send(new GetParameterCommand({ Name: NAME }));
    expect(Parameter).toMatchObject({ Value: 'w', Version: 2, Type: 'String' });
  });

  it('needs a type for a new parameter, keeps it, and refuses another', async () => {
    const { parameters } = await runningEndpoint();
    const untyped = { Name: NAME, Value: 'v', Overwrite: true };
    await expect(parameters.send(new PutParameterCommand(untyped))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'A parameter type is required when you create a parameter.',
    });
    await put(parameters);
    await parameters.send(new PutParameterCommand(untyped));
    await expect(put(parameters, { Overwrite: true, Type: 'SecureString' })).rejects.toMatchObject({
      name: 'HierarchyTypeMismatchException',
    });
  });

  it.each([
    ['an empty value', { Value: '' }],
    ['a value that nests another parameter', { Value: '{{ other }}' }],
    ['tags, which are not served', { Tags: [{ Key: 'k', Value: 'v' }] }],
    ['a key for plain text', { KeyId: 'alias/k' }],
  ])('refuses %s', async (_, options) => {
    const { parameters } = await runningEndpoint();
    await expect(put(parameters, options)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('takes JSON with nested braces', async () => {
    const { parameters } = await runningEndpoint();
    await put(parameters, { Value: '{"a":{"b":{"c":1}}}' });
  });

  it('refuses what does not fit its tier, counted in bytes', async () => {
    const { parameters } = await runningEndpoint();
    await expect(put(parameters, { Value: `${'x'.repeat(4095)}ä` })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Standard tier'),
    });
    for (const Tier of ['Advanced', 'Intelligent-Tiering'] as const) {
      await expect(put(parameters, { Tier, Value: 'x'.repeat(8193) })).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining('Advanced tier'),
      });
    }
    await put(parameters, { Value: 'x'.repeat(4096) });
  });

  it('picks the tier by size where asked to, and never goes down again', async () => {
    const { parameters } = await runningEndpoint();
    const tiered = { Tier: 'Intelligent-Tiering', Overwrite: true } as const;
    expect(await put(parameters, tiered)).toMatchObject({ Tier: 'Standard' });
    expect(await put(parameters, { ...tiered, Value: 'x'.repeat(8192) })).toMatchObject({ Tier: 'Advanced' });
    expect(await put(parameters, tiered)).toMatchObject({ Tier: 'Advanced' });
    await expect(put(parameters, { Overwrite: true, Tier: 'Standard' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("can't downgrade"),
    });
  });
});

describe('reading', () => {
  it('does not find what is not there', async () => {
    const { parameters } = await runningEndpoint();
    await expect(parameters.send(new GetParameterCommand({ Name: NAME }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });

  it('reads by name and ARN, and shows a SecureString only decrypted', async () => {
    const { parameters } = await runningEndpoint();
    const Value = canarySecret('rescue');
    await put(parameters, { Type: 'SecureString', Value });
    const read = (options: { Name: string; WithDecryption?: boolean }) =>
      parameters.send(new GetParameterCommand(options)).then(({ Parameter }) => Parameter);
    const sealed = await read({ Name: NAME });
    expect(sealed?.Value).not.toContain(Value);
    expect(sealed).toMatchObject({
      ARN: `arn:aws:ssm:us-east-1:000000000000:parameter${NAME}`,
      LastModifiedDate: new Date(START),
    });
    expect(await read({ Name: sealed?.ARN ?? '', WithDecryption: true })).toMatchObject({
      Name: NAME,
      Value,
    });
  });

  it('knows the key of a SecureString, which the next write may leave for that of the account', async () => {
    const { parameters, endpoint } = await runningEndpoint();
    const KeyId = 'arn:aws:kms:us-east-1:000000000000:key/k';
    await put(parameters, { Type: 'SecureString', KeyId });
    const arn = `arn:aws:ssm:us-east-1:000000000000:parameter${NAME}`;
    for (const id of [NAME, arn]) {
      expect(endpoint.parameter(id)).toMatchObject({ type: 'SecureString', tier: 'Standard', keyId: KeyId });
    }
    await put(parameters, { Type: 'SecureString', Overwrite: true });
    expect(endpoint.parameter(NAME)?.keyId).toBeUndefined();
    expect(endpoint.parameter('/other')).toBeUndefined();
  });

  it('refuses a relative path, more than ten results, and a made-up token', async () => {
    const { parameters } = await runningEndpoint();
    const list = (options: object) =>
      parameters.send(new GetParametersByPathCommand({ Path: '/a', ...options }));
    await expect(list({ Path: 'a' })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(list({ MaxResults: 11 })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(list({ NextToken: 'made-up' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
  });

  it('lists under a path, ten a page, deeper levels only when asked', async () => {
    const { parameters } = await runningEndpoint();
    for (let index = 0; index < 12; index++) {
      await put(parameters, { Name: `/a/${String(index).padStart(2, '0')}` });
    }
    await put(parameters, { Name: '/a/b/deep' });
    await put(parameters, { Name: '/ab' });
    const list = async (options: object) => {
      const answer = await parameters.send(new GetParametersByPathCommand({ Path: '/a', ...options }));
      return { count: answer.Parameters?.length, NextToken: answer.NextToken };
    };
    const first = await list({});
    expect(first.count).toBe(10);
    // Items may go between two pages; the next page goes on where this one ended.
    await parameters.send(new DeleteParameterCommand({ Name: '/a/09' }));
    expect(await list({ NextToken: first.NextToken })).toEqual({ count: 2, NextToken: undefined });
    const deep = await list({ Recursive: true });
    expect(await list({ Recursive: true, NextToken: deep.NextToken })).toMatchObject({ count: 2 });
  });
});

describe('deleting', () => {
  it('deletes one', async () => {
    const { parameters } = await runningEndpoint();
    await put(parameters);
    await parameters.send(new DeleteParameterCommand({ Name: NAME }));
    await expect(parameters.send(new DeleteParameterCommand({ Name: NAME }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });
});

describe('change notifications', () => {
  it('tells of creation, update and deletion as EventBridge does', async () => {
    const { endpoint, parameters } = await runningEndpoint();
    const heard: BusEvent[] = [];
    const stop = endpoint.onParameterChange((event) => heard.push(event));
    await put(parameters);
    await put(parameters, { Overwrite: true });
    await expect(put(parameters)).rejects.toThrow();
    await parameters.send(new DeleteParameterCommand({ Name: NAME }));
    await endpoint.idle();
    const operations = ['Create', 'Update', 'Delete'];
    expect(heard).toMatchObject(
      operations.map((operation) => ({
        source: 'aws.ssm',
        'detail-type': 'Parameter Store Change',
        time: '2026-03-01T00:00:00Z',
        resources: [`arn:aws:ssm:us-east-1:000000000000:parameter${NAME}`],
        detail: { name: NAME, operation, type: 'String' },
      })),
    );
    stop();
    await put(parameters);
    await endpoint.idle();
    expect(heard).toHaveLength(3);
  });
});

describe('what is not served', () => {
  it('refuses other operations, and versions of a parameter, by name', async () => {
    const { parameters } = await runningEndpoint();
    await expect(parameters.send(new GetParameterHistoryCommand({ Name: NAME }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('GetParameterHistory'),
    });
    await expect(parameters.send(new GetParameterCommand({ Name: `${NAME}:1` }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('versions or labels'),
    });
  });
});
