import { randomUUID } from 'node:crypto';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createDeclaredConnections } from '../../../../functions/aws/parameters/parameter-declarations.ts';
import { StoreError } from '../../../../functions/refresh/ports/stores.ts';
import { AwsError } from '../../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../../support/aws.ts';
import { collect } from '../../../support/collect.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await TestAws.start();
});
afterEach(() => {
  aws.endpoint.inject = undefined;
});
afterAll(() => aws[Symbol.asyncDispose]());

const CRM = { provider: 'kajabi', credentials: 'kajabi-main' };

function open() {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  const declare = (name: string, value: unknown) =>
    aws.clients.ssm.send(
      new PutParameterCommand({
        Name: `/${namespace}/connections/${name}`,
        Value: typeof value === 'string' ? value : JSON.stringify(value),
        Type: 'String',
      }),
    );
  return { declared: createDeclaredConnections({ client: aws.clients.ssm, namespace }), declare, namespace };
}

it('is undefined for a connection that is not declared', async () => {
  expect(await open().declared.get('crm')).toBeUndefined();
});

it.each([
  ['a version of another', 'crm:1'],
  ['a label of another', 'crm:live'],
  ['a step back', '../rescue/crm'],
  ['nothing', ''],
  ['what no connection may be called', 'Crm'],
])('is undefined for %s, and asks nobody', async (_, name) => {
  const { declared, declare } = open();
  await declare('crm', CRM);
  await declare('Crm', CRM);
  aws.endpoint.calls.reset();
  expect(await declared.get(name)).toBeUndefined();
  expect(aws.endpoint.calls.count()).toBe(0);
});

it('gives the declaration, with segments in its name', async () => {
  const { declared, declare } = open();
  await declare('books/acme', CRM);
  expect(await declared.get('books/acme')).toEqual(CRM);
});

it.each([
  ['no JSON', '{provider', 'does not hold JSON'],
  ['an unknown key', { ...CRM, retries: 3 }, 'retries'],
  ['a wrong value, with its path', { ...CRM, marginSeconds: -1 }, 'marginSeconds: '],
  ['nothing to say where tokens come from', { credentials: 'x' }, 'needs one of "provider"'],
  ['a newer schema', { ...CRM, schema: 2 }, 'schema 2'],
])('is malformed for %s', async (_, value, message) => {
  const { declared, declare, namespace } = open();
  await declare('crm', value);
  await expect(declared.get('crm')).rejects.toMatchObject({
    name: 'StoreError',
    kind: 'malformed',
    message: expect.stringContaining(message),
  });
  await expect(declared.get('crm')).rejects.toThrow(`/${namespace}/connections/crm`);
});

it('tells a refusal from an absence', async () => {
  const { declared } = open();
  aws.failNext('GetParameter', { before: new AwsError('AccessDeniedException', 'not authorized') });
  await expect(declared.get('crm')).rejects.toMatchObject({ kind: 'denied' });
});

it('lists every declaration, page by page, at any depth, and nothing of another namespace', async () => {
  const { declared, declare, namespace } = open();
  const names = Array.from({ length: 23 }, (_, index) => (index % 2 ? `c${index}` : `group/sub/c${index}`));
  for (const name of names) await declare(name, CRM);
  await aws.clients.ssm.send(
    new PutParameterCommand({ Name: `/${namespace}-b/connections/x`, Value: '{}', Type: 'String' }),
  );
  aws.endpoint.calls.reset();
  const listed = await collect(declared.list());
  expect(listed.map(({ name }) => name).sort()).toEqual(names.sort());
  expect(listed.every(({ definition }) => !(definition instanceof StoreError))).toBe(true);
  expect(aws.endpoint.calls.count({ operation: 'GetParametersByPath' })).toBe(3);
});

it('lists what cannot be read as its error, and goes on', async () => {
  const { declared, declare } = open();
  await declare('bad', { provider: 'kajabi' });
  await declare('BadName', CRM);
  await declare('good', CRM);
  const byName = new Map((await collect(declared.list())).map(({ name, definition }) => [name, definition]));
  expect(byName.get('good')).toEqual(CRM);
  expect(byName.get('bad')).toMatchObject({
    kind: 'malformed',
    message: expect.stringContaining('credentials'),
  });
  expect(byName.get('BadName')).toMatchObject({
    kind: 'malformed',
    message: expect.stringContaining('name'),
  });
});

it('throws when the list itself is refused', async () => {
  const { declared } = open();
  aws.failNext('GetParametersByPath', { before: new AwsError('AccessDeniedException', 'not authorized') });
  await expect(collect(declared.list())).rejects.toMatchObject({ kind: 'denied' });
});

it('gives a page at a time, each in one call, and the last leads nowhere', async () => {
  const { declared, declare } = open();
  for (let index = 0; index < 12; index += 1) await declare(`c${index}`, CRM);
  aws.endpoint.calls.reset();
  const first = await declared.page();
  expect(first?.connections).toHaveLength(10);
  const second = await declared.page(first?.next);
  expect(second).toEqual({ connections: [expect.anything(), expect.anything()] });
  expect(aws.endpoint.calls.count()).toBe(2);
});

it('tells a token that leads nowhere any more from a listing that is refused', async () => {
  const { declared } = open();
  expect(await declared.page('no token of ours')).toBeUndefined();
  for (const name of ['AccessDeniedException', 'ThrottlingException']) {
    const before = new AwsError(name, 'refused');
    aws.failNext('GetParametersByPath', { before }, { before }, { before });
    await expect(declared.page('any')).rejects.toMatchObject({ code: name });
  }
  aws.failNext('GetParametersByPath', { before: new AwsError('ValidationException', 'no such path') });
  await expect(declared.page()).rejects.toMatchObject({ code: 'ValidationException' });
});
