import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Consumer, type ConsumerEvent, startConsumer } from '../../../local/demo/consumer.ts';
import { CANARY, canarySecret } from '../../support/canary.ts';
import { HandClock } from '../support/hand-clock.ts';

// One server is both AWS, which answers POST, and the provider, which answers GET.
let server: Server;
let origin: string;
let secret: string | undefined;
/** The value of the parameter that it points to, where it does. */
let parameter: string | undefined;
let secretsManagerStatus: number;
let providerStatus: number;
let authorizations: (string | undefined)[];

let clock: HandClock;
let consumer: Consumer | undefined;
let events: ConsumerEvent[];
const settings = () => ({
  endpoint: origin,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});

beforeEach(async () => {
  secretsManagerStatus = 200;
  providerStatus = 200;
  authorizations = [];
  secret = undefined;
  events = [];
  clock = new HandClock();
  server = createServer((request, response) => {
    if (request.method === 'GET') {
      authorizations.push(request.headers.authorization);
      response.writeHead(providerStatus, { Location: '/elsewhere' }).end('{}');
      return;
    }
    if (String(request.headers['x-amz-target']).startsWith('AmazonSSM')) {
      response
        .writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify({ Parameter: { Name: '/evertoken/tokens/demo', Value: parameter } }));
      return;
    }
    const missing = secret === undefined;
    response
      .writeHead(missing ? 400 : secretsManagerStatus, { 'Content-Type': 'application/x-amz-json-1.1' })
      .end(
        JSON.stringify(
          missing
            ? { __type: 'ResourceNotFoundException', message: 'none' }
            : { Name: 'evertoken/tokens/demo', VersionId: 'v1', SecretString: secret },
        ),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await consumer?.stop();
  consumer = undefined;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function publish(token: { expiresInSeconds?: number; obtainedAt?: number } = {}) {
  const now = clock.now() / 1000;
  secret = JSON.stringify({
    access_token: canarySecret('consumed'),
    token_type: 'bearer',
    expires_at: now + (token.expiresInSeconds ?? 45),
    obtained_at: token.obtainedAt ?? now,
  });
}

const counts = () => consumer?.counts.get('demo');

/** Starts and waits for the end of the first read. */
async function start(more: { obtainedFrom?: number; protectedUrl?: undefined } = {}) {
  const url = 'protectedUrl' in more ? undefined : `${origin}/protected`;
  consumer = startConsumer({
    tokens: [
      {
        connection: 'demo',
        secretId: 'evertoken/tokens/demo',
        protectedUrl: url,
        obtainedFrom: more.obtainedFrom ?? 0,
      },
    ],
    secretsManager: new SecretsManagerClient(settings()),
    ssm: new SSMClient(settings()),
    clock,
    onEvent: (event) => events.push(event),
  });
  await asleep();
}
const asleep = () => expect.poll(() => clock.sleeping).toBe(1);

async function nextRead() {
  await clock.advance(1000);
  await asleep();
}

describe('what it counts', () => {
  it('is missing before the first token, then a read', async () => {
    await start();
    expect(counts()).toEqual({ reads: 0, rejected: 0, expired: 0, missing: 1, failed: 0 });
    publish();
    await nextRead();
    expect(counts()).toMatchObject({ reads: 1, missing: 1, failed: 0 });
    expect(authorizations).toEqual([`Bearer ${canarySecret('consumed')}`]);
    expect(events).toEqual([]);
  });

  it('follows a secret that points to a parameter', async () => {
    publish();
    parameter = secret;
    secret = JSON.stringify({ schema: 1, parameter: '/evertoken/tokens/demo' });
    await start();
    expect(counts()).toEqual({ reads: 1, rejected: 0, expired: 0, missing: 0, failed: 0 });
    expect(authorizations).toEqual([`Bearer ${canarySecret('consumed')}`]);
  });

  it('is a failure when the token disappears', async () => {
    publish();
    await start();
    secret = undefined;
    await nextRead();
    expect(counts()).toMatchObject({ reads: 1, missing: 0, failed: 1 });
  });

  it.each([401, 403])('is a rejected read when the provider answers %d', async (status) => {
    publish();
    providerStatus = status;
    await start();
    expect(counts()).toMatchObject({ reads: 1, rejected: 1 });
    expect(events).toEqual([
      { type: 'read-rejected', connection: 'demo', detail: `the provider answered ${status}` },
    ]);
  });

  it.each([500, 302])('is a failure, not a rejection, when the provider answers %d', async (status) => {
    publish();
    providerStatus = status;
    await start();
    expect(counts()).toMatchObject({ reads: 1, rejected: 0, failed: 1 });
    expect(authorizations).toHaveLength(1);
  });

  it.each([
    [1, 0],
    [0, 1],
    [-5, 1],
  ])('a token that expires in %d s is expired %d times', async (expiresInSeconds, expired) => {
    publish({ expiresInSeconds });
    await start();
    expect(counts()).toMatchObject({ reads: 1, expired });
    expect(events.map(({ type }) => type)).toEqual(expired ? ['expired-read'] : []);
  });

  it('is a failure when Secrets Manager fails or the secret is no JSON', async () => {
    publish();
    secretsManagerStatus = 500;
    await start();
    secretsManagerStatus = 200;
    secret = canarySecret('not-json');
    await nextRead();
    expect(counts()).toMatchObject({ reads: 0, missing: 0, failed: 2 });
    expect(JSON.stringify(events)).not.toContain(CANARY);
  });

  it('leaves out tokens of an earlier run', async () => {
    publish({ obtainedAt: clock.now() / 1000 - 1 });
    await start({ obtainedFrom: clock.now() });
    expect(counts()).toMatchObject({ reads: 0, missing: 1 });
    publish();
    await nextRead();
    expect(counts()).toMatchObject({ reads: 1 });
  });
});

it('reads once a second', async () => {
  publish();
  await start();
  await clock.advance(999);
  expect(authorizations).toHaveLength(1);
  await clock.advance(1);
  await asleep();
  expect(authorizations).toHaveLength(2);
});

it('only reads a token that nothing here accepts', async () => {
  publish();
  await start({ protectedUrl: undefined });
  expect(counts()).toMatchObject({ reads: 1, failed: 0 });
  expect(authorizations).toEqual([]);
});

it('stops at once, without counting what it cut off', async () => {
  publish();
  await start();
  server.removeAllListeners('request');
  const arrived = new Promise((resolve) => server.once('request', resolve));
  await clock.advance(1000);
  await arrived;
  await consumer?.stop();
  expect(counts()).toMatchObject({ reads: 1, failed: 0 });
  expect(clock.sleeping).toBe(0);
});
