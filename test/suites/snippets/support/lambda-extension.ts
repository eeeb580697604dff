import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll } from 'vitest';
import type { AwsEndpoint } from '../../../../local/aws/endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';

const SESSION_TOKEN = canarySecret('aws-session-token');
const CACHED_MS = 300_000;

/**
 * Stands in for the AWS Parameters and Secrets Lambda extension: one path, the session token as proof that the
 * caller is the function, answers in the form of GetSecretValue, kept for 300 s. Ends with the suite.
 * @returns what it adds to the environment of a function
 */
export async function startExtension(endpoint: AwsEndpoint): Promise<Record<string, string>> {
  const client = new SecretsManagerClient({
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const cache = new Map<string, { readonly body: string; readonly until: number }>();

  async function answer(secretId: string): Promise<string> {
    const cached = cache.get(secretId);
    if (cached && Date.now() < cached.until) return cached.body;
    const { $metadata, ...value } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    const body = JSON.stringify({ ...value, ResultMetadata: {} });
    cache.set(secretId, { body, until: Date.now() + CACHED_MS });
    return body;
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const secretId = searchParams.get('secretId');
    const isAllowed = request.headers['x-aws-parameters-secrets-token'] === SESSION_TOKEN;
    if (!isAllowed) response.writeHead(401).end('not authorized');
    else if (pathname !== '/secretsmanager/get' || !secretId) response.writeHead(400).end('bad request');
    else {
      await answer(secretId).then(
        (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(body),
        (error: unknown) => response.writeHead(400).end(error instanceof Error ? error.name : 'unknown'),
      );
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  afterAll(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(port), AWS_SESSION_TOKEN: SESSION_TOKEN };
}
