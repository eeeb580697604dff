import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { processMetadataResponse } from '../../../../functions/oauth/discovery/issuer-metadata.ts';
import type { requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { JWT_BEARER } from '../../../../functions/oauth/grant-type.ts';
import {
  buildTokenRequest,
  type TokenRequestInput,
} from '../../../../functions/oauth/request/token-request.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { createTokenEndpoint } from '../../../../functions/oauth/transport/token-endpoint.ts';
import { canarySecret } from '../../../support/canary.ts';
import { testCertificate } from '../../../support/certificate.ts';
import { KEYS } from '../../../support/signing-keys.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';
import { closeServers, serve } from '../transport/support/loopback-exchange.ts';

afterEach(closeServers);

/** RFC 6749 appendix B: the code points 20 25 26 2B A3 20AC, and what they are encoded as. */
const APPENDIX_B = ' %&+\u00a3\u20ac';
const APPENDIX_B_ENCODED = '+%25%26%2B%C2%A3%E2%82%AC';

type Input = Partial<Omit<TokenRequestInput, 'request'>> & { request?: z.input<typeof requestRulesSchema> };

type Assertion = NonNullable<Input['request']>['assertion'];

let ids = 0;
const context = { now: () => 0, uuid: () => `id-${++ids}` };
const { cert, key } = testCertificate('client.example');

async function sent(input: Input) {
  const request = await buildTokenRequest(tokenInput(input) as TokenRequestInput, context);
  const { authorization } = request.headers;
  return {
    ...request,
    authorization: authorization instanceof Secret ? authorization.reveal() : authorization,
    form: new URLSearchParams(request.body?.reveal()),
  };
}

/** User and password of HTTP Basic, as they were put together. */
async function pair(input: Input, scheme = 'Basic'): Promise<string> {
  const { authorization = '' } = await sent(input);
  expect(authorization.startsWith(`${scheme} `)).toBe(true);
  return Buffer.from(authorization.slice(scheme.length + 1), 'base64').toString('utf8');
}

describe('how real token endpoints want to know who asks', () => {
  it('quirk 18: Basic is form-encoded before base64, by the vector of RFC 6749 appendix B', async () => {
    const credentials = { client_id: APPENDIX_B, client_secret: new Secret(APPENDIX_B) };
    expect(await pair({ credentials })).toBe(`${APPENDIX_B_ENCODED}:${APPENDIX_B_ENCODED}`);
  });

  it('quirk 18: a parameter is encoded by the same vector', async () => {
    const credentials = { client_id: 'c', client_secret: new Secret(APPENDIX_B) };
    const request = { clientAuthentication: 'client_secret_post' } as const;
    const { body } = await sent({ credentials, request });
    expect(body?.reveal()).toBe(
      `grant_type=client_credentials&client_id=c&client_secret=${APPENDIX_B_ENCODED}`,
    );
  });

  it('quirk 19: or as it is, for servers that do not decode', async () => {
    const credentials = { client_id: 'c 1', client_secret: new Secret(APPENDIX_B) };
    expect(await pair({ credentials, request: { basicEncoding: 'raw' } })).toBe(`c 1:${APPENDIX_B}`);
  });

  it('quirk 19: and under another scheme, where a provider calls it so', async () => {
    const credentials = { client_id: 'c', client_secret: fakeSecret('s') };
    expect(await pair({ credentials, request: { basicScheme: 'ID' } }, 'ID')).toBe(`c:${canarySecret('s')}`);
  });

  it.each([
    ['client_secret_basic', ['authorization']],
    ['client_secret_post', ['client_id', 'client_secret']],
    ['private_key_jwt', ['client_assertion', 'client_assertion_type', 'client_id']],
    ['tls_client_auth', ['client_id', 'tls']],
    ['none', ['client_id']],
  ] as const)('quirk 20: exactly one method, %s', async (clientAuthentication, signs) => {
    const credentials = {
      client_id: 'c',
      client_secret: fakeSecret('s'),
      certificate: cert,
      private_key: new Secret(key),
    };
    const { form, authorization, clientCertificate } = await sent({
      credentials,
      request: { clientAuthentication },
    });
    const found = [
      ...[...form.keys()].filter((name) => name.startsWith('client_')),
      ...(authorization === undefined ? [] : ['authorization']),
      ...(clientCertificate === undefined ? [] : ['tls']),
    ];
    expect(found.sort()).toEqual([...signs].sort());
  });

  it('quirk 20: a header of one’s own and Basic together are refused', async () => {
    const credentials = { client_id: 'c', client_secret: fakeSecret('s'), fields: { key: fakeSecret('k') } };
    const headers = { authorization: 'Token {credential.key}' };
    const error = await tokenErrorOf(() => sent({ credentials, request: { headers } }));
    expect(error).toMatchObject({ kind: 'configuration', code: 'invalid_header' });
    const request = { headers, clientAuthentication: 'none' } as const;
    expect((await sent({ credentials, request })).authorization).toBe(`Token ${canarySecret('k')}`);
  });

  it('quirk 21: a method that is refused is not followed by another', async () => {
    const seen: (string | undefined)[] = [];
    const { url } = await serve((request, response) => {
      seen.push(request.headers.authorization?.split(' ')[0]);
      response.writeHead(401, { 'www-authenticate': 'Basic' }).end('{"error":"invalid_client"}');
    });
    const endpoint = createTokenEndpoint({ ...context, allowedOrigins: [new URL(url).origin] });
    const error = await tokenErrorOf(() => endpoint.exchange(tokenInput({ tokenUrl: url })));
    expect(error).toMatchObject({ kind: 'client-refused' });
    expect(seen).toEqual(['Basic']);
  });

  it('quirk 22: what is declared is used, whatever else is at hand', async () => {
    expect(
      (await sent({ request: { clientAuthentication: 'client_secret_post' } })).authorization,
    ).toBeUndefined();
    expect((await sent({})).form.has('client_secret')).toBe(false);
  });

  it('quirk 23: no authentication on refresh, and a public client says who it is', async () => {
    const byGrant = { clientAuthenticationByGrant: { refresh_token: 'none' } } as const;
    const refresh = { grantType: 'refresh_token', refresh_token: fakeSecret('r') };
    const { form, authorization } = await sent({ ...refresh, request: byGrant });
    expect([authorization, form.get('client_id'), form.has('client_secret')]).toEqual([
      undefined,
      'client-1',
      false,
    ]);
    const sendOnly = { refresh_token: ['grant_type', 'refresh_token'] };
    const silent = await sent({ ...refresh, credentials: {}, request: { ...byGrant, sendOnly } });
    expect([...silent.form.keys()]).toEqual(['grant_type', 'refresh_token']);
  });

  const signing = { client_id: 'c', private_key: KEYS.rsa.pem, certificate: cert };
  const assertionOf = async (assertion: Assertion, more: object = {}) => {
    const request = { clientAuthentication: 'private_key_jwt', assertion } as const;
    const { form } = await sent({ credentials: { ...signing, ...more }, request });
    const jwt = form.get('client_assertion') ?? '';
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) };
  };

  it('quirk 24: iss = sub = client_id, a short life, a fresh jti in each, the token URL as audience', async () => {
    const [first, second] = [await assertionOf(undefined), await assertionOf(undefined)];
    expect(first.claims).toMatchObject({
      iss: 'c',
      sub: 'c',
      aud: 'https://idp.example.com/oauth2/token',
      exp: 60,
    });
    expect(first.claims.jti).not.toBe(second.claims.jti);
  });

  it('quirk 24: or the audience, algorithm and key header that a provider asks for', async () => {
    const asked: Assertion = {
      use: 'client',
      algorithms: ['PS256', 'ES256'],
      claims: { aud: 'https://idp.example.com' },
    };
    expect((await assertionOf(asked)).claims.aud).toBe('https://idp.example.com');
    expect((await assertionOf(asked, { key_id: 'certificate-id' })).header).toEqual({
      alg: 'PS256',
      kid: 'certificate-id',
    });
    const header = { x5t: '{certificate.x5t}', 'x5t#S256': '{certificate.x5t#S256}' };
    expect((await assertionOf({ use: 'client', header })).header).toMatchObject({
      x5t: expect.stringMatching(/^[\w-]{27}$/),
      'x5t#S256': expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('quirk 25: the grant is an assertion, its audience may be a bare host, and a secret may go with it', async () => {
    const { form } = await sent({
      grantType: JWT_BEARER,
      credentials: { ...signing, client_secret: fakeSecret('s') },
      request: {
        clientAuthentication: 'client_secret_post',
        assertion: { use: 'grant', claims: { sub: 'person', aud: '{tokenHost}' } },
      },
    });
    expect(decodeJwt(form.get('assertion') ?? '')).toMatchObject({
      iss: 'c',
      sub: 'person',
      aud: 'idp.example.com',
    });
    expect(form.get('client_secret')).toBe(canarySecret('s'));
  });

  it('quirk 26: with a certificate in TLS the client_id stands in the body', async () => {
    const credentials = { client_id: 'c', certificate: cert, private_key: new Secret(key) };
    const request = { clientAuthentication: 'tls_client_auth' } as const;
    const { form, clientCertificate } = await sent({ credentials, request });
    expect(form.get('client_id')).toBe('c');
    expect(clientCertificate?.certificate.reveal()).toBe(cert);
  });

  it('quirk 28: where discovery lists no methods, Basic is meant', () => {
    const connection = { issuer: 'https://idp.example.com', credentials: 'c' };
    expect(resolveConnection('x', connection).request.clientAuthentication).toBe('client_secret_basic');
  });

  it('quirk 28: the issuer of the metadata must be exactly the one that was asked', async () => {
    const body = new Secret(
      JSON.stringify({ issuer: 'https://idp.example.com/', token_endpoint: 'https://x.example' }),
    );
    const response = { status: 200, headers: {}, body };
    const error = await tokenErrorOf(() => processMetadataResponse(response, 'https://idp.example.com', 0));
    expect(error).toMatchObject({ kind: 'configuration', code: 'issuer_mismatch' });
  });
});
