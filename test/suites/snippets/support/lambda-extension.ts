import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll } from 'vitest';
import type { AwsEndpoint } from '../../../../local/aws/endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';

const SESSION_TOKEN = canarySecret('aws-session-token');
const CACHED_MS = 300_000;

/**
 * Stands in for the AWS Parameters and Secrets Lambda extension: two paths, the session token as proof that the
 * caller is the function, answers in the form of GetSecretValue and GetParameter, kept for 300 s. Ends with the suite.
 * @returns what it adds to the environment of a function
 */
export async function startExtension(endpoint: AwsEndpoint): Promise<Record<string, string>> {
  const settings = {
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const client = new SecretsManagerClient(settings);
  const ssm = new SSMClient(settings);
  const cache = new Map<string, { readonly body: string; readonly until: number }>();

  /** The read that a path and its query ask for; undefined for any other. */
  function readOf({ pathname, searchParams }: URL): (() => Promise<object>) | undefined {
    const [SecretId, Name] = [searchParams.get('secretId'), searchParams.get('name')];
    const WithDecryption = searchParams.get('withDecryption') === 'true';
    if (pathname === '/secretsmanager/get' && SecretId) {
      return () => client.send(new GetSecretValueCommand({ SecretId }));
    }
    if (pathname === '/systemsmanager/parameters/get' && Name) {
      return () => ssm.send(new GetParameterCommand({ Name, WithDecryption }));
    }
    return undefined;
  }

  async function answer(url: string, read: () => Promise<object>): Promise<string> {
    const cached = cache.get(url);
    if (cached && Date.now() < cached.until) return cached.body;
    const body = JSON.stringify({ ...(await read()), $metadata: undefined, ResultMetadata: {} });
    cache.set(url, { body, until: Date.now() + CACHED_MS });
    return body;
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const read = readOf(url);
    const isAllowed = request.headers['x-aws-parameters-secrets-token'] === SESSION_TOKEN;
    if (!isAllowed) response.writeHead(401).end('not authorized');
    else if (!read) response.writeHead(400).end('bad request');
    else {
      await answer(url.href, read).then(
        (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(body),
        (error: unknown) => response.writeHead(400).end(error instanceof Error ? error.name : 'unknown'),
      );
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  afterAll(() => {
    client.destroy();
    ssm.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(port), AWS_SESSION_TOKEN: SESSION_TOKEN };
}
