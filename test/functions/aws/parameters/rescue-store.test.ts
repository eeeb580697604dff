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

const KEY = 'arn:aws:kms:us-east-1:000000000000:key/rescues';

function open(keyId?: string) {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  const props = { client: aws.clients.ssm, namespace, clock: { now: Date.now } };
  return {
    store: createRescueStore({ ...props, keyId }),
    namespace,
    keyed: createRescueStore({ ...props, keyId: KEY }),
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
  ['the key that it is given', KEY],
  ["the account's own where it is given none", undefined],
])('is under %s', async (_, keyId) => {
  const { store, namespace } = open(keyId);
  await store.put('books/acme', rescued(canarySecret('under-a-key')));
  const known = aws.endpoint.parameter(`/${namespace}/rescue/books/acme`);
  expect(known?.type).toBe('SecureString');
  expect(known?.keyId).toBe(keyId);
  expect((await store.get('books/acme'))?.token.refresh_token.reveal()).toBe(canarySecret('under-a-key'));
});

it('takes over a rescue that an earlier deployment wrote, and brings the next under the key', async () => {
  const { store, namespace, keyed } = open();
  await store.put('crm', rescued(canarySecret('before')));
  expect((await keyed.get('crm'))?.token.refresh_token.reveal()).toBe(canarySecret('before'));
  await keyed.put('crm', rescued(canarySecret('after')));
  expect(aws.endpoint.parameter(`/${namespace}/rescue/crm`)?.keyId).toBe(KEY);
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
  ['no JSON', canarySecret('bare'), 'is a plain string; expected a JSON object'],
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
