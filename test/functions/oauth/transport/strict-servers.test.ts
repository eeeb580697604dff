import type { IncomingMessage, ServerResponse } from 'node:http';
import { jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { parseCredentials } from '../../../../functions/aws/secrets/parse-credentials.ts';
import type { Credentials } from '../../../../functions/oauth/credentials.ts';
import { JWT_BEARER } from '../../../../functions/oauth/grant-type.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { KEYS } from '../../../support/signing-keys.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';
import { bodyOf, closeServers, NOW, serve } from './support/loopback-exchange.ts';

afterEach(closeServers);

const endpointAt = (url: string) =>
  createTokenEndpoint({ now: () => NOW, uuid: () => 'uuid-1', allowedOrigins: [new URL(url).origin] });
const currentDate = new Date(NOW);

/** Whatever a server does not like is the answer, with all that it was sent. */
type Judge = (request: IncomingMessage, body: string) => Promise<{ status: number; body: object }>;

const strict = (judge: Judge) =>
  serve(async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request);
    const echo = `${request.headers.authorization ?? ''} ${body}`;
    const answer = await judge(request, body).catch((error: Error) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: `${error.message} ${echo}` },
    }));
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer.body));
  });

function mustBe(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not ${what}`);
}

describe('an installation of an app, as GitHub has it', () => {
  const APP = 'Iv1.8a61f9b3a7aba766';

  const startGitHub = () =>
    strict(async (request, body) => {
      const { headers, method, url } = request;
      mustBe(method === 'POST' && url === '/token', 'the endpoint');
      mustBe(body === '' && headers['content-length'] === '0', 'without a body');
      mustBe(headers['content-type'] === undefined, 'without a content type');
      mustBe(headers.accept === 'application/vnd.github+json', 'asked for in the media type');
      mustBe(headers['user-agent'] !== undefined, 'from anybody');
      const [scheme, jwt = ''] = headers.authorization?.split(' ') ?? [];
      mustBe(scheme === 'Bearer', 'borne');
      const { payload } = await jwtVerify(jwt, KEYS.rsa.publicKey, {
        algorithms: ['RS256'],
        issuer: APP,
        currentDate,
      });
      mustBe((payload.iat ?? Infinity) <= NOW / 1000 - 30, 'safe from a clock that is ahead');
      mustBe((payload.exp ?? Infinity) <= NOW / 1000 + 600, 'as short as ten minutes');
      mustBe(Object.keys(payload).sort().join() === 'exp,iat,iss', 'these claims alone');
      const expires_at = new Date(NOW + 3_600_000).toISOString().replace('.000', '');
      return { status: 201, body: { token: canarySecret('installation'), expires_at, permissions: {} } };
    });

  const ask = (url: string, credentials: Credentials) =>
    endpointAt(url).exchange(
      tokenInput({
        tokenUrl: url,
        credentials,
        request: {
          bodyFormat: 'none',
          headers: { accept: 'application/vnd.github+json' },
          assertion: {
            use: 'bearer',
            algorithms: ['RS256'],
            backdatedSeconds: 60,
            lifetimeSeconds: 600,
            jti: false,
            claims: { aud: null },
          },
        },
        response: { fields: { access_token: 'token' }, expiresAtField: 'expires_at' },
      }),
    );

  it('brings a token, and its end as an instant', async () => {
    const { url } = await startGitHub();
    const { token } = await ask(url, { client_id: APP, private_key: KEYS.rsa.pem });
    expect(token.access_token?.reveal()).toBe(canarySecret('installation'));
    expect(token.expiresInSeconds).toBe(3600);
  });

  it('is refused to another app, and none of the assertion is in the error', async () => {
    const { url } = await startGitHub();
    const error = await tokenErrorOf(() => ask(url, { client_id: 'another', private_key: KEYS.rsa.pem }));
    expect(error).toMatchObject({ code: 'invalid_grant', status: 400 });
    expect(error.message).toContain('[redacted]');
    expect(error.message).not.toMatch(/eyJ|\.[\w-]{20}/);
  });
});

describe('a service account, as Google has it', () => {
  /** What Google gives to whoever makes a key, but for the values. */
  const file = (more: object = {}) =>
    JSON.stringify({
      type: 'service_account',
      project_id: 'project-1',
      private_key_id: '0a1b2c3d',
      private_key: KEYS.rsa.pem.reveal(),
      client_email: 'robot@project-1.iam.gserviceaccount.example',
      client_id: '123456789012345678901',
      auth_uri: 'https://accounts.google.example/o/oauth2/auth',
      token_uri: 'https://oauth2.google.example/token',
      auth_provider_x509_cert_url: 'https://www.google.example/oauth2/v1/certs',
      client_x509_cert_url: 'https://www.google.example/robot/v1/metadata/x509/robot',
      universe_domain: 'google.example',
      ...more,
    });

  const startGoogle = () =>
    strict(async ({ headers, url }, body) => {
      mustBe(headers['content-type'] === 'application/x-www-form-urlencoded', 'a form');
      mustBe(headers.authorization === undefined, 'without a header');
      const form = new URLSearchParams(body);
      mustBe([...form.keys()].join() === 'grant_type,assertion', 'these parameters alone');
      mustBe(form.get('grant_type') === JWT_BEARER, 'the grant');
      const audience = `http://${headers.host}${url}`;
      const { payload, protectedHeader } = await jwtVerify(form.get('assertion') ?? '', KEYS.rsa.publicKey, {
        algorithms: ['RS256'],
        typ: 'JWT',
        audience,
        issuer: 'robot@project-1.iam.gserviceaccount.example',
        maxTokenAge: 3600,
        currentDate,
      });
      mustBe(protectedHeader.kid === '0a1b2c3d', 'a key that is known');
      mustBe(payload['scope'] === 'https://www.googleapis.example/auth/drive', 'a scope in the assertion');
      mustBe((payload.exp ?? Infinity) - (payload.iat ?? 0) <= 3600, 'as short as an hour');
      return {
        status: 200,
        body: { access_token: canarySecret('google'), expires_in: 3599, token_type: 'Bearer' },
      };
    });

  const ask = (url: string, credentials: Credentials, claims: Record<string, string> = {}) =>
    endpointAt(url).exchange(
      tokenInput({
        tokenUrl: url,
        grantType: JWT_BEARER,
        credentials,
        scope: 'https://www.googleapis.example/auth/drive',
        request: {
          clientAuthentication: 'none',
          sendOnly: { [JWT_BEARER]: ['grant_type', 'assertion', 'scope'] },
          assertion: {
            use: 'grant',
            algorithms: ['RS256'],
            lifetimeSeconds: 3600,
            header: { typ: 'JWT', kid: '{credential.private_key_id}' },
            claims: { iss: '{credential.client_email}', scope: '{scope}', ...claims },
          },
        },
      }),
    );

  it('brings a token for the JSON file as it is', async () => {
    const { url } = await startGoogle();
    const { token } = await ask(url, parseCredentials(new Secret(file()), 'x'));
    expect(token.access_token?.reveal()).toBe(canarySecret('google'));
    expect(token.expiresInSeconds).toBe(3599);
  });

  it('is refused for another audience, and what came of the file is in no error', async () => {
    const { url } = await startGoogle();
    const stored = parseCredentials(new Secret(file({ client_email: canarySecret('email') })), 'x');
    const error = await tokenErrorOf(() => ask(url, stored, { aud: 'https://elsewhere.example' }));
    expect(error).toMatchObject({ kind: 'refused', code: 'invalid_grant' });
    assertNoCanary(error.message, 'the message');
    expect(error.message).not.toMatch(/eyJ/);
  });

  it('names what the file lacks, before anything is sent', async () => {
    const { url, count } = await startGoogle();
    const error = await tokenErrorOf(() =>
      ask(url, { private_key: KEYS.rsa.pem, fields: { private_key_id: fakeSecret('kid') } }),
    );
    expect(error).toMatchObject({ kind: 'configuration', code: 'missing_client_email' });
    expect(count()).toBe(0);
  });
});

it('a token that is signed here is asked of nobody', async () => {
  const { url, count } = await serve((_, response) => response.end());
  const exchange = await endpointAt(url).exchange(
    tokenInput({
      tokenUrl: url,
      grantType: 'self_signed',
      credentials: { client_id: 'c', private_key: KEYS.p256.pem },
      request: { assertion: { use: 'token', lifetimeSeconds: 900 } },
    }),
  );
  const { payload } = await jwtVerify(exchange.token.access_token?.reveal() ?? '', KEYS.p256.publicKey, {
    currentDate,
  });
  expect(payload).toMatchObject({ iss: 'c', iat: NOW / 1000 });
  expect(exchange).toMatchObject({
    requestedAt: NOW,
    token: { token_type: 'Bearer', expiresInSeconds: 900 },
  });
  expect(count()).toBe(0);
});

it('what signs and vouches outside is handed on, with the signal of the caller', async () => {
  const seen: unknown[] = [];
  const { url } = await serve((_, response) => response.end('{"access_token":"t"}'));
  const endpoint = createTokenEndpoint({
    now: () => NOW,
    uuid: () => 'u',
    allowedOrigins: [new URL(url).origin],
    signer: (key, signal) => {
      seen.push([key, signal]);
      return { sign: async () => new Uint8Array(1) };
    },
    identityToken: async (rules, signal) => {
      seen.push([rules.audience, signal]);
      return fakeSecret('identity');
    },
  });
  const { signal } = new AbortController();
  const signingKey = { kmsKeyArn: 'arn:key' };
  const request = { clientAuthentication: 'private_key_jwt' } as const;
  await endpoint.exchange(tokenInput({ tokenUrl: url, signingKey, request }), { signal });
  const identity = { use: 'client', audience: 'api', algorithm: 'RS256', lifetimeSeconds: 300 } as const;
  await endpoint.exchange(tokenInput({ tokenUrl: url, identity, credentials: {} }), { signal });
  expect(seen).toEqual([
    [signingKey, signal],
    ['api', signal],
  ]);
});
