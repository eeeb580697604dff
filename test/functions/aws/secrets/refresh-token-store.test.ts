import { randomUUID } from 'node:crypto';
import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRefreshTokenStore } from '../../../../functions/aws/secrets/refresh-token-store.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { StoredRefreshToken } from '../../../../functions/refresh/ports/stores.ts';
import { placedIn } from '../../../../functions/refresh/rules/ring.ts';
import { AwsError } from '../../../../local/aws/wire/error-answer.ts';
import { TestAws } from '../../../support/aws.ts';
import { canarySecret } from '../../../support/canary.ts';
import { describeRefreshTokenStore } from '../../../support/refresh-token-store-contract.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

let aws: TestAws;
const clock = new VirtualClock();
beforeAll(async () => {
  aws = await TestAws.start(clock);
});
afterEach(() => {
  aws.endpoint.inject = undefined;
});
afterAll(() => aws[Symbol.asyncDispose]());

/** A store with one secret, `crm`, empty unless a value is given. */
async function open(value?: unknown) {
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  const secretId = `${namespace}/refresh-tokens/crm`;
  await aws.createSecret(secretId, value);
  let turns = 0;
  const pace = {
    async turn() {
      turns += 1;
      return { takenAt: 0 };
    },
  };
  const store = createRefreshTokenStore({ client: aws.clients.secretsManager, namespace, pace });
  return { store, secretId, turns: () => turns };
}

function token(label: string, further: Partial<StoredRefreshToken> = {}): StoredRefreshToken {
  return { refresh_token: new Secret(canarySecret(label)), obtained_at: 1_767_225_600, ...further };
}

async function text(secretId: string): Promise<string> {
  const answer = await aws.clients.secretsManager.send(new GetSecretValueCommand({ SecretId: secretId }));
  return answer.SecretString ?? '';
}

async function versionCount(secretId: string): Promise<number> {
  const command = new ListSecretVersionIdsCommand({ SecretId: secretId, IncludeDeprecated: true });
  return (await aws.clients.secretsManager.send(command)).Versions?.length ?? 0;
}

describeRefreshTokenStore('the store on the local endpoint', async () => {
  const { store, secretId } = await open();
  return {
    store,
    edit: async (refresh_token) => {
      const SecretString = JSON.stringify({ refresh_token });
      await aws.clients.secretsManager.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
    },
    pass: async () => clock.advance(1_000),
  };
});

describe('reading', () => {
  it('answers undefined for a secret, a version or a value that is not there', async () => {
    const { store } = await open();
    expect(await store.read('crm', {})).toBeUndefined();
    expect(await store.read('unknown', {})).toBeUndefined();
    expect(await store.read('crm', { versionId: randomUUID() })).toBeUndefined();
    expect(await store.read('crm', { stage: 'AWSPREVIOUS' })).toBeUndefined();
    expect(await store.currentVersionId('crm')).toBeUndefined();
  });

  it('accepts what an operator wrote by hand, obtained when it was stored', async () => {
    const { store } = await open({ refresh_token: canarySecret('by-hand') });
    const version = await store.read('crm', {});
    expect(version?.value.refresh_token.reveal()).toBe(canarySecret('by-hand'));
    expect(version?.value.obtained_at).toBe(Math.floor(clock.now() / 1000));
    expect(Object.keys(version?.value ?? {})).toEqual(['refresh_token', 'obtained_at']);
    expect(version).toMatchObject({ createdAt: clock.now(), stages: ['AWSCURRENT'] });
  });

  it('takes what the key/value editor of the console makes of it', async () => {
    const stored = { schema: '1', refresh_token: `${canarySecret('typed')}\n`, expires_at: ' 1790000000 ' };
    const { store } = await open({ ...stored, obtained_at: '' });
    const version = await store.read('crm', {});
    expect(version?.value.refresh_token.reveal()).toBe(canarySecret('typed'));
    expect(version?.value).toMatchObject({ expires_at: 1_790_000_000, obtained_at: expect.any(Number) });
    if (!version) throw new Error('nothing was read');
    // The bytes that are stored are those that are proved with.
    expect(await store.prove('crm', version)).toEqual(['AWSCURRENT']);
  });

  it.each([
    ['no refresh token', { client_id: 'x' }, 'has no "refresh_token"'],
    ['an empty refresh token', { refresh_token: '' }, 'has no "refresh_token"'],
    ['a refresh token that is no string', { refresh_token: 7 }, '"refresh_token" must be a string'],
    [
      'an instant that is no number',
      { refresh_token: 'x', expires_at: 'soon' },
      '"expires_at" must be a number',
    ],
    ['a newer schema', { refresh_token: 'x', schema: 9 }, 'schema 9'],
    ['no JSON', canarySecret('bare'), 'is a plain string; expected JSON with refresh_token'],
  ])('refuses %s', async (_, value, message) => {
    const { store } = await open(value);
    await expect(store.read('crm', {})).rejects.toMatchObject({
      kind: 'malformed',
      message: expect.stringContaining(message),
    });
  });

  it('finds a version by id and by label', async () => {
    const { store } = await open();
    const [first, second] = [randomUUID(), randomUUID()];
    await store.put('crm', token('first'), first);
    await store.put('crm', token('second'), second);
    const label = async (which: Parameters<typeof store.read>[1]) =>
      (await store.read('crm', which))?.value.refresh_token.reveal();
    expect(await label({})).toBe(canarySecret('second'));
    expect(await label({ versionId: first })).toBe(canarySecret('first'));
    expect(await label({ stage: 'AWSPREVIOUS' })).toBe(canarySecret('first'));
    expect(await store.currentVersionId('crm')).toBe(second);
  });
});

describe('a ring', () => {
  it.each([2, 4, 8])(
    'of %i costs a read of each secret, a look at the first, the proof and the write',
    async (ring) => {
      const { store } = await open();
      const first = randomUUID();
      await store.put('crm', token('first', { ring }), first);
      for (let member = 1; member < ring; member += 1) await store.extend('crm', member);
      const successor = placedIn(1, randomUUID());
      await store.put('crm', token('second', { ring, replaces: first, attempt: successor }), successor);
      aws.endpoint.calls.reset();
      const named = await store.read('crm', { versionId: successor });
      if (named === undefined) throw new Error('nothing was read');
      const next = placedIn(ring - 1, randomUUID());
      await store.prove('crm', named, { successor: next });
      await store.put('crm', token('third', { ring, replaces: successor, attempt: next }), next);
      const count = (operation: string) => aws.endpoint.calls.count({ operation });
      expect([count('GetSecretValue'), count('DescribeSecret'), count('PutSecretValue')]).toEqual([
        ring,
        1,
        2,
      ]);
      expect(aws.endpoint.calls.count()).toBe(ring + 3);
    },
  );
});

describe('put', () => {
  it('stores the payload, and keeps the fields that it does not know', async () => {
    const { store, secretId } = await open();
    const attempt = randomUUID();
    const stored = token('new', {
      expires_at: 1_800_000_000,
      attempt,
      replaces: 'version-0',
      unknown: { tenant: new Secret('acme'), refresh_token: 'never this' },
    });
    expect(await store.put('crm', stored, attempt)).toEqual(['AWSCURRENT']);
    expect(JSON.parse(await text(secretId))).toEqual({
      schema: 1,
      refresh_token: canarySecret('new'),
      obtained_at: 1_767_225_600,
      expires_at: 1_800_000_000,
      attempt,
      replaces: 'version-0',
      tenant: 'acme',
    });
    const read = await store.read('crm', {});
    expect(read?.value).toMatchObject({ attempt, replaces: 'version-0', expires_at: 1_800_000_000 });
    expect(read?.value.unknown).toEqual({ tenant: new Secret('acme') });
  });

  it('repeated with the same attempt writes nothing more', async () => {
    const { store, secretId } = await open();
    const attempt = randomUUID();
    await store.put('crm', token('new'), attempt);
    expect(await store.put('crm', token('new'), attempt)).toEqual(['AWSCURRENT']);
    expect(await versionCount(secretId)).toBe(1);
  });

  it('whose answer is lost has written once', async () => {
    const { store, secretId } = await open();
    aws.failNext('PutSecretValue', { afterEffect: 'reset' });
    expect(await store.put('crm', token('new'), randomUUID())).toEqual(['AWSCURRENT']);
    expect(await versionCount(secretId)).toBe(1);
  });

  it('answers with the labels that are left when another version came after', async () => {
    const { store } = await open();
    const attempt = randomUUID();
    await store.put('crm', token('mine'), attempt);
    await store.put('crm', token('theirs'), randomUUID());
    expect(await store.put('crm', token('mine'), attempt)).toEqual(['AWSPREVIOUS']);
  });

  it('of other content under the same attempt is a conflict', async () => {
    const { store } = await open();
    const attempt = randomUUID();
    await store.put('crm', token('one'), attempt);
    await expect(store.put('crm', token('other'), attempt)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('to a secret that does not exist is missing, and creates none', async () => {
    const { store } = await open();
    await expect(store.put('unknown', token('new'), randomUUID())).rejects.toMatchObject({ kind: 'missing' });
    expect(await store.read('unknown', {})).toBeUndefined();
  });

  it('of more than Secrets Manager takes is refused before the call', async () => {
    const { store } = await open();
    const huge = { ...token('huge'), refresh_token: new Secret('x'.repeat(65_536)) };
    aws.endpoint.calls.reset();
    await expect(store.put('crm', huge, randomUUID())).rejects.toMatchObject({ kind: 'limit' });
    expect(aws.endpoint.calls.count()).toBe(0);
  });

  it('waits for its turn', async () => {
    const { store, turns } = await open();
    await store.put('crm', token('new'), randomUUID());
    expect(turns()).toBe(1);
  });
});

describe('prove', () => {
  it.each([
    [
      'as a person wrote it',
      `{ "tenant": "acme",\n  "refresh_token" : "${canarySecret('odd')}", "limit": 1.0 }\n`,
    ],
    [
      'as a refresh wrote it',
      JSON.stringify({ schema: 1, refresh_token: canarySecret('own'), obtained_at: 1 }),
    ],
  ])('repeats a version byte for byte, %s, and creates nothing', async (_, value) => {
    const { store, secretId, turns } = await open(value);
    const version = await store.read('crm', {});
    if (!version) throw new Error('nothing was read');
    expect(await store.prove('crm', version)).toEqual(['AWSCURRENT']);
    expect(await text(secretId)).toBe(value);
    expect(await versionCount(secretId)).toBe(1);
    expect(turns()).toBe(1);
  });

  it('of a version that is current no more leaves the labels where they are', async () => {
    const { store } = await open();
    const [first, second] = [randomUUID(), randomUUID()];
    await store.put('crm', token('first'), first);
    const version = await store.read('crm', {});
    await store.put('crm', token('second'), second);
    if (!version) throw new Error('nothing was read');
    expect(await store.prove('crm', version)).toEqual(['AWSPREVIOUS']);
    expect(await store.currentVersionId('crm')).toBe(second);
  });

  it.each([
    ['AccessDeniedException', 'denied'],
    ['EncryptionFailure', 'unusable'],
    ['ResourceExistsException', 'conflict'],
  ])('fails as a write would: %s is %s', async (code, kind) => {
    const { store } = await open({ refresh_token: canarySecret('kept') });
    const version = await store.read('crm', {});
    if (!version) throw new Error('nothing was read');
    aws.failNext('PutSecretValue', { before: new AwsError(code, 'refused') });
    await expect(store.prove('crm', version)).rejects.toMatchObject({ kind });
  });
});
