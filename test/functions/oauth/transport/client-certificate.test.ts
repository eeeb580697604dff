import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { errorRulesSchema, requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';
import { type TestCertificate, testCertificate } from '../../../support/certificate.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';
import { ANSWER, bodyOf, closeServers, listen, NOW } from './support/loopback-exchange.ts';

afterEach(closeServers);

const authority = testCertificate('127.0.0.1');
const registered = testCertificate('client.example');
const stranger = testCertificate('client.example');

interface Seen {
  readonly fingerprint: string | undefined;
  readonly body: string;
}

/** A server that lets nobody in but the one client whose certificate is registered. */
async function startServer(maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3') {
  const seen: Seen[] = [];
  const { cert, key } = authority;
  const server = createHttpsServer(
    { cert, key, ca: [registered.cert], requestCert: true, rejectUnauthorized: true, maxVersion },
    async (request, response) => {
      const { fingerprint256 } = (request.socket as TLSSocket).getPeerCertificate();
      seen.push({ fingerprint: fingerprint256, body: await bodyOf(request) });
      response.end(ANSWER);
    },
  );
  return { ...(await listen(server, 'https')), seen };
}

const credentialsOf = (pair?: TestCertificate) => ({
  client_id: 'client-1',
  ...(pair && { certificate: pair.cert, private_key: new Secret(pair.key) }),
});

const endpointAt = (url: string) =>
  createTokenEndpoint({
    now: () => NOW,
    uuid: () => 'uuid-1',
    allowedOrigins: [new URL(url).origin],
    ca: authority.cert,
  });

const TLS = { clientAuthentication: 'tls_client_auth' } as const;

describe('a server that demands a certificate (RFC 8705)', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('lets in the client whose it is, over %s', async (version) => {
    const { url, seen } = await startServer(version);
    const input = tokenInput({ tokenUrl: url, credentials: credentialsOf(registered), request: TLS });
    const { token } = await endpointAt(url).exchange(input);
    expect(token.access_token?.reveal()).toBe(canarySecret('access'));
    expect(seen).toEqual([
      {
        fingerprint: expect.stringMatching(/^[0-9A-F:]{95}$/),
        body: 'grant_type=client_credentials&client_id=client-1',
      },
    ]);
  });

  it('is shown the certificate beside another authentication too, where the rules say so', async () => {
    const { url, seen } = await startServer();
    const credentials = { ...credentialsOf(registered), client_secret: fakeSecret('client-secret') };
    const request = { clientCertificate: true, clientAuthentication: 'client_secret_post' } as const;
    await endpointAt(url).exchange(tokenInput({ tokenUrl: url, credentials, request }));
    expect(seen[0]?.body).toContain('client_secret=');
  });

  it('is shown it for a revocation as for a token', async () => {
    const { url, seen } = await startServer();
    await endpointAt(url).revoke({
      style: 'rfc7009',
      tokenType: 'refresh_token',
      url,
      tokenUrl: url,
      token: fakeSecret('token'),
      credentials: credentialsOf(registered),
      request: requestRulesSchema.parse(TLS),
      errors: errorRulesSchema.parse({}),
    });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['another certificate', stranger, TLS],
    ['none', undefined, { clientAuthentication: 'none' }],
  ] as const)('shuts out the client with %s, whose key is in no error', async (_, pair, request) => {
    const { url, seen } = await startServer();
    const input = tokenInput({ tokenUrl: url, credentials: credentialsOf(pair), request });
    const error = await tokenErrorOf(() => endpointAt(url).exchange(input));
    expect(error.code).toMatch(/^(connection_reset|client_certificate_refused)$/);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('PRIVATE KEY');
    expect(seen).toEqual([]);
  });
});

/** The alerts of RFC 8446 section 6.2 that a server raises about a certificate. */
it.each([
  ['bad_certificate', 42],
  ['unsupported_certificate', 43],
  ['certificate_revoked', 44],
  ['certificate_expired', 45],
  ['certificate_unknown', 46],
  ['unknown_ca', 48],
  ['certificate_required', 116],
])('a server that says why, %s, has refused the client and read nothing', async (_, alert) => {
  const server = createTcpServer((socket) => {
    socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, alert])));
  });
  const { url } = await listen(server, 'https');
  const input = tokenInput({ tokenUrl: url, credentials: credentialsOf(registered), request: TLS });
  const error = await tokenErrorOf(() => endpointAt(url).exchange(input));
  expect(error).toMatchObject({
    kind: 'client-refused',
    code: 'client_certificate_refused',
    mayHaveSpent: false,
  });
  expect(error.message).toContain("was refused for the client's certificate, or for want of one");
});

it('another alert is a failure of TLS as ever', async () => {
  const server = createTcpServer((socket) => {
    socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])));
  });
  const { url } = await listen(server, 'https');
  const input = tokenInput({ tokenUrl: url, credentials: credentialsOf(registered), request: TLS });
  expect(await tokenErrorOf(() => endpointAt(url).exchange(input))).toMatchObject({
    kind: 'never-sent',
    code: 'tls_failed',
  });
  server.close();
  await once(server, 'close');
});
