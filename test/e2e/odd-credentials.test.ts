import {
  DeleteSecretCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws/wire/error-answer.ts';
import { TestAws } from '../support/aws.ts';
import { assertNoCanary, canarySecret } from '../support/canary.ts';
import { ComposedRefresher } from '../support/composed-refresher.ts';
import { LeapingClock } from '../support/leaping-clock.ts';

const clock = new LeapingClock();
let aws: TestAws;
let refresher: ComposedRefresher;
let sent: number;

beforeAll(async () => {
  aws = await TestAws.startDirect(clock);
});
afterAll(() => aws[Symbol.asyncDispose]());
afterEach(() => refresher[Symbol.asyncDispose]());

async function begin(grant: string): Promise<void> {
  refresher = await ComposedRefresher.start(aws, clock, { connection: { grants: [grant] } });
  await refresher.untilDue();
  refresher.restart();
  sent = refresher.endpoint.requests.length;
}

const sends = () => refresher.endpoint.requests.slice(sent);

describe('credentials as people store them', () => {
  const SECRET = canarySecret('odd');
  const PLAIN = JSON.stringify({ client_id: 'odd-id', client_secret: SECRET });
  const bytes = (...parts: readonly (string | number)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));

  beforeEach(() => begin('client_credentials'));

  async function store(value: string | Uint8Array): Promise<string> {
    const SecretId = `${refresher.namespace}/credentials/client`;
    const content = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value };
    await aws.clients.secretsManager.send(new PutSecretValueCommand({ SecretId, ...content }));
    return SecretId;
  }

  it.each<[string, string | Uint8Array]>([
    [
      'white space and line breaks around values',
      `{"client_id": " odd-id\\n", "client_secret": "${SECRET}\\r\\n"}`,
    ],
    ['a byte-order mark before the JSON', `\uFEFF${PLAIN}`],
    ['a binary secret', bytes(PLAIN)],
    ['a binary secret with a byte-order mark', bytes(0xef, 0xbb, 0xbf, PLAIN)],
    ['what the key/value editor makes', JSON.stringify({ schema: '1', ...JSON.parse(PLAIN), note: '' })],
    ['JSON inside a JSON string', JSON.stringify(PLAIN)],
    ['clientId', `{"clientId": "odd-id", "clientSecret": "${SECRET}"}`],
    ['ClientID', `{"ClientID": "odd-id", "ClientSecret": "${SECRET}"}`],
    ['client-id', `{"client-id": "odd-id", "client-secret": "${SECRET}"}`],
    ['consumer_key', `{"consumer_key": "odd-id", "consumer_secret": "${SECRET}"}`],
    ['two names that disagree', JSON.stringify({ clientId: 'another', ...JSON.parse(PLAIN) })],
  ])('%s: read, and sent as they are meant', async (_, stored) => {
    await store(stored);
    expect(await refresher.refresh()).toMatchObject({ outcome: 'refreshed', health: 'healthy' });
    const basic = Buffer.from(`odd-id:${SECRET}`).toString('base64');
    expect(sends().map(({ headers }) => headers.authorization)).toEqual([`Basic ${basic}`]);
  });

  const expected = 'expected JSON with client_id and client_secret';

  it.each<[string, string | Uint8Array, string, string]>([
    ['a plain string', SECRET, 'MalformedCredentials', `the secret is a plain string; ${expected}`],
    ['an array', `[${PLAIN}]`, 'MalformedCredentials', `the secret is a JSON array; ${expected}`],
    ['a number', '4711', 'MalformedCredentials', `the secret is a number; ${expected}`],
    ['null', 'null', 'MalformedCredentials', `the secret is null; ${expected}`],
    [
      'binary data',
      bytes(0xff, 0xfe),
      'MalformedCredentials',
      'the secret is binary data that is no UTF-8 text',
    ],
    [
      'other keys',
      `{"app": "x", "key": "${SECRET}"}`,
      'missing_client_id',
      'Found and not read: "app", "key".',
    ],
    [
      'one other key',
      `{"client_id": "x", "secret": "${SECRET}"}`,
      'missing_client_secret',
      'Found and not read: "secret".',
    ],
    [
      'empty values',
      '{"client_id": "", "client_secret": ""}',
      'missing_client_id',
      '"client_id" is missing or empty',
    ],
    ['a value of another type', '{"client_id": 7}', 'MalformedCredentials', '"client_id" must be a string'],
  ])(
    '%s: nothing is sent, it is said by name, and it is to be stored again',
    async (_, stored, code, words) => {
      const secretId = await store(stored);
      const result = await refresher.refresh();
      expect(result).toMatchObject({ outcome: 'misconfigured', health: 'misconfigured', error: { code } });
      expect(result.error?.message).toContain(words);
      expect(result.error?.remedy).toBe(
        `Store the credentials in "${secretId}" again, as JSON with the fields that the message names: evertoken credentials set client. The next tick picks them up.`,
      );
      assertNoCanary(JSON.stringify(result), 'the result');
      expect(sends()).toEqual([]);
      await store(PLAIN);
      expect(await refresher.ticksUntil('healthy')).toBe(1);
    },
  );

  it('a newer schema asks for another version of Evertoken, not for permissions', async () => {
    await store(JSON.stringify({ ...JSON.parse(PLAIN), schema: '2' }));
    const { error } = await refresher.refresh();
    expect(error).toMatchObject({
      code: 'NewerSchema',
      remedy: expect.stringMatching(/^Deploy the version/),
    });
  });
});

describe('a secret that cannot be read or written', () => {
  beforeEach(() => begin('refresh_token'));

  const SECRETS = ['credentials/client', 'refresh-tokens/crm', 'tokens/crm'];
  const denied = (why: string) =>
    `User: arn:aws:sts::123456789012:assumed-role/refresh/now is not authorized to perform: secretsmanager:GetSecretValue on resource: x ${why}`;

  it.each(SECRETS)('%s, marked for deletion: restored by the command in the remedy', async (name) => {
    const SecretId = `${refresher.namespace}/${name}`;
    await aws.clients.secretsManager.send(new DeleteSecretCommand({ SecretId }));
    const { error, health } = await refresher.refresh();
    expect(health).toBe('misconfigured');
    expect(error).toMatchObject({
      code: 'SecretMarkedForDeletion',
      remedy: expect.stringContaining(`aws secretsmanager restore-secret --secret-id ${SecretId}.`),
    });
    await aws.clients.secretsManager.send(new RestoreSecretCommand({ SecretId }));
    expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(2);
    expect(refresher.endpoint.doubleSpends).toBe(0);
  });

  it.each(
    SECRETS.flatMap((name) =>
      [
        [
          'AccessDeniedException',
          'Access to KMS is not allowed',
          'KeyAccessDenied',
          'Let the refresher use the key',
        ],
        [
          'DecryptionFailure',
          "Secrets Manager can't decrypt it.",
          'KeyUnusable',
          'enable it (aws kms enable-key)',
        ],
        [
          'AccessDeniedException',
          denied('with an explicit deny in a resource-based policy'),
          'ResourcePolicyDenies',
          'The resource policy of',
        ],
      ].map(([awsCode = '', words = '', code = '', remedy = '']) => ({ name, awsCode, words, code, remedy })),
    ),
  )('$name, $code: has a remedy of its own, and heals', async ({ name, awsCode, words, code, remedy }) => {
    const secretId = `${refresher.namespace}/${name}`;
    const fault = { before: new AwsError(awsCode, words) };
    aws.endpoint.inject = (_, _operation, resource) => (resource === secretId ? fault : undefined);
    const { error, health } = await refresher.refresh();
    expect(health).toBe('misconfigured');
    expect(error).toMatchObject({ code, remedy: expect.stringContaining(remedy) });
    expect(error?.remedy).toContain(secretId);
    aws.endpoint.inject = undefined;
    expect(await refresher.ticksUntil('healthy')).toBeLessThanOrEqual(2);
    expect(refresher.endpoint.doubleSpends).toBe(0);
  });
});
