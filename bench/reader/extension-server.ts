/**
 * What the Lambda extension for secrets is to a function: a loopback port that answers GET /secretsmanager/get from what
 * it has cached. Any POST is answered as Secrets Manager answers GetSecretValue. Forked; tells its parent the port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tokenText } from './token-text.ts';

const BODY = JSON.stringify({
  Name: 'evertoken/tokens/crm',
  SecretString: tokenText('token', Date.now() + 3_600_000),
});

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const isAllowed =
    request.method === 'POST' ||
    (request.headers['x-aws-parameters-secrets-token'] !== undefined && searchParams.has('secretId'));
  response.writeHead(isAllowed ? 200 : 401, {
    'content-type': 'application/json',
  });
  response.end(BODY);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
