import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAwsClients } from '../../../functions/aws/clients.ts';
import { canarySecret } from '../../support/canary.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'fake-access-key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', canarySecret('aws-secret-access-key'));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

it('take Region and endpoint from the environment, or from the caller', async () => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
  expect(await createAwsClients().secretsManager.config.region()).toBe('eu-central-1');
  const { onDemand: _, ...given } = createAwsClients({ region: 'us-west-2' });
  for (const client of Object.values(given)) expect(await client.config.region()).toBe('us-west-2');
});

it('are made when they are first asked for, where few need them, and once for each Region', async () => {
  const service = await silentService();
  const { onDemand } = createAwsClients({ region: 'us-east-1', endpoint: service.url, requestTimeoutMs: 50 });
  expect(await onDemand.kms('eu-west-1')).toBe(await onDemand.kms('eu-west-1'));
  expect(await onDemand.kms('eu-west-2')).not.toBe(await onDemand.kms('eu-west-1'));
  for (const name of ['eventBridge', 'ssm', 'sts', 'sqs', 'lambda'] as const) {
    expect(await onDemand[name]()).toBe(await onDemand[name]());
  }
  expect(await (await onDemand.ssm()).config.region()).toBe('us-east-1');
  const kms = await onDemand.kms('eu-west-1');
  await expect(kms.getPublicKey({ KeyId: 'k' })).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(service.requests()).toBe(3);
  onDemand.destroy();
  service.close();
});

/** A service that takes requests and never answers. */
async function silentService(): Promise<{ url: string; requests: () => number; close: () => void }> {
  let requests = 0;
  const server = createServer(() => {
    requests += 1;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

it('give up on a service that does not answer, after three tries', async () => {
  const service = await silentService();
  const { secretsManager } = createAwsClients({
    region: 'us-east-1',
    endpoint: service.url,
    requestTimeoutMs: 50,
  });
  const call = secretsManager.send(new DescribeSecretCommand({ SecretId: 'x' }));
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(service.requests()).toBe(3);
  secretsManager.destroy();
  service.close();
});

it('end a call whose signal aborts', async () => {
  const service = await silentService();
  const { secretsManager } = createAwsClients({ region: 'us-east-1', endpoint: service.url });
  const call = secretsManager.send(new DescribeSecretCommand({ SecretId: 'x' }), {
    abortSignal: AbortSignal.timeout(50),
  });
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  secretsManager.destroy();
  service.close();
});
