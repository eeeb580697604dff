import { randomUUID } from 'node:crypto';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createRescueStore } from '../../../../functions/aws/parameters/rescue-store.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { RescuedRefreshToken } from '../../../../functions/refresh/ports/stores.ts';
import { AwsError } from '../../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../../support/aws.ts';
import { canarySecret } from '../../../support/canary.ts';

let aws: TestAws;
beforeAll(async () => {
  aws = await TestAws.start();
});
afterEach(() => {
  aws.endpoint.inject = undefined;
});
afterAll(() => aws[Symbol.asyncDispose]());

function open() {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  return {
    store: createRescueStore({ client: aws.clients.ssm, namespace, clock: { now: Date.now } }),
    namespace,
  };
}

function rescued(refreshToken: string): RescuedRefreshToken {
  return {
    token: {
      refresh_token: new Secret(refreshToken),
      obtained_at: 1_767_225_600,
      expires_at: 1_800_000_000,
      attempt: 'attempt-1',
      replaces: 'version-0',
      unknown: { tenant: new Secret('acme') },
    },
    attempt: 'attempt-1',
    replaces: 'version-0',
  };
}

it('is undefined when there is none', async () => {
  expect(await open().store.get('crm')).toBeUndefined();
});

it('gives back what was put, the newest only', async () => {
  const { store } = open();
  await store.put('books/acme', rescued(canarySecret('first')));
  await store.put('books/acme', rescued(canarySecret('second')));
  const found = await store.get('books/acme');
  expect(found).toEqual(rescued(canarySecret('second')));
  expect(found?.token.refresh_token.reveal()).toBe(canarySecret('second'));
});

it('is a SecureString under the rescue path', async () => {
  const { store, namespace } = open();
  await store.put('books/acme', rescued(canarySecret('sealed')));
  const parameter = `/${namespace}/rescue/books/acme`;
  const { Parameter } = await aws.clients.ssm.send(new GetParameterCommand({ Name: parameter }));
  expect(Parameter?.Type).toBe('SecureString');
});

it.each([
  ['braces, which Parameter Store takes for a reference', '{{ssm:other}}{{{}}}'],
  ['quotes and backslashes', '"\\{\\"{'],
])('keeps a token with %s', async (_, refreshToken) => {
  const { store } = open();
  await store.put('crm', rescued(refreshToken));
  expect((await store.get('crm'))?.token.refresh_token.reveal()).toBe(refreshToken);
});

it('takes a token of 6 KB and refuses what an advanced parameter cannot hold', async () => {
  const { store } = open();
  await store.put('crm', rescued('x'.repeat(6 * 1024)));
  expect((await store.get('crm'))?.token.refresh_token.byteLength).toBe(6 * 1024);
  await expect(store.put('crm', rescued('x'.repeat(8 * 1024)))).rejects.toMatchObject({ kind: 'limit' });
});

it('is gone when deleted, also twice', async () => {
  const { store } = open();
  await store.put('crm', rescued(canarySecret('gone')));
  await store.delete('crm');
  await store.delete('crm');
  expect(await store.get('crm')).toBeUndefined();
});

it.each([
  ['no JSON', canarySecret('bare'), 'does not hold JSON'],
  ['a newer schema', '{"schema":2}', 'schema 2'],
  ['no attempt', '{"schema":1,"token":{"refresh_token":"x"}}', 'has no "attempt"'],
  ['no token', '{"schema":1,"attempt":"a"}', 'has no "token"'],
])('is malformed, not absent, when it holds %s', async (_, value, message) => {
  const { store, namespace } = open();
  await aws.clients.ssm.send(
    new PutParameterCommand({ Name: `/${namespace}/rescue/crm`, Value: value, Type: 'SecureString' }),
  );
  await expect(store.get('crm')).rejects.toMatchObject({
    kind: 'malformed',
    message: expect.stringContaining(message),
  });
});

it('tells a refusal from an absence', async () => {
  const { store } = open();
  const denied = { before: new AwsError('AccessDeniedException', 'not authorized') };
  aws.failNext('GetParameter', denied);
  await expect(store.get('crm')).rejects.toMatchObject({ kind: 'denied' });
  aws.failNext('DeleteParameter', denied);
  await expect(store.delete('crm')).rejects.toMatchObject({ kind: 'denied' });
});
