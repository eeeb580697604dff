import { describe, expect, it } from 'vitest';
import { errorRulesSchema, requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import {
  buildDeviceAuthorization,
  processDeviceAuthorizationResponse,
} from '../../../../functions/oauth/request/device-authorization.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { testCertificate } from '../../../support/certificate.ts';
import { fakeSecret, tokenErrorOf } from '../../../support/token-input.ts';

const ANSWER = {
  device_code: 'device',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://idp.example.com/device',
  expires_in: 1800,
};

const judge = (fields: object | string, status = 200) =>
  processDeviceAuthorizationResponse(
    { status, headers: {}, body: new Secret(typeof fields === 'string' ? fields : JSON.stringify(fields)) },
    errorRulesSchema.parse({}),
    { now: 0, secrets: [], identifiesClient: true },
  );

describe('an answer that cannot be used', () => {
  it.each([
    ['no device code', { device_code: undefined }],
    ['no user code', { user_code: '' }],
    ['a user code that is no text', { user_code: 1234 }],
    ['a user code that a terminal would obey', { user_code: '\u001b[2J' }],
    ['a user code behind which something is hidden', { user_code: 'WDJB\u001b[2J' }],
    ['no address', { verification_uri: undefined }],
    ['an address that is none', { verification_uri: 'idp.example.com' }],
    ['an address that is none of the web', { verification_uri: 'javascript:alert(1)' }],
    ['an address that only resembles one of the web', { verification_uri: 'web+https://idp.example.com' }],
    ['no lifetime', { expires_in: undefined }],
    ['a lifetime that has passed', { expires_in: 0 }],
  ])('%s', async (_, fields) => {
    expect(await tokenErrorOf(() => judge({ ...ANSWER, ...fields }))).toMatchObject({
      kind: 'configuration',
      code: 'unreadable_device_authorization',
      status: 200,
    });
  });

  it('a page', async () => {
    expect((await tokenErrorOf(() => judge('<!doctype html>'))).code).toBe('unreadable_device_authorization');
  });

  it('a page that is an error', async () => {
    expect(await tokenErrorOf(() => judge('<!doctype html>', 404))).toMatchObject({
      kind: 'unsure',
      code: 'http_404',
    });
  });

  it('a refusal, in the words of the provider', async () => {
    expect(await tokenErrorOf(() => judge({ error: 'unauthorized_client' }, 400))).toMatchObject({
      kind: 'client-refused',
      code: 'unauthorized_client',
      message: 'The device authorization endpoint answered HTTP 400, unauthorized_client.',
    });
  });
});

it('redacts the Basic credentials of the request where a refusal echoes them', async () => {
  const request = await buildDeviceAuthorization(
    {
      url: 'https://idp.example.com/device',
      tokenUrl: 'https://idp.example.com/token',
      credentials: { client_id: 'client', client_secret: fakeSecret('device-client') },
      request: requestRulesSchema.parse({}),
    },
    { now: () => 0, uuid: () => 'id' },
  );
  const header = request.headers['authorization'] as Secret;
  const echoed = header.reveal().replace('Basic ', '');
  const body = new Secret(JSON.stringify({ error: 'invalid_client', error_description: `bad: ${echoed}` }));
  const { secrets, identifiesClient } = request;
  const error = await tokenErrorOf(() =>
    processDeviceAuthorizationResponse({ status: 401, headers: {}, body }, errorRulesSchema.parse({}), {
      now: 0,
      secrets,
      identifiesClient,
    }),
  );
  expect(error.message).not.toContain(echoed);
});

it('asks every five seconds where the answer does not say', () => {
  expect(judge(ANSWER)).toMatchObject({ intervalSeconds: 5, expiresInSeconds: 1800, user_code: 'WDJB-MJHT' });
  expect(judge({ ...ANSWER, interval: 2 }).intervalSeconds).toBe(2);
  expect(judge({ ...ANSWER, interval: -1 }).intervalSeconds).toBe(5);
  expect(judge({ ...ANSWER, interval: 0 }).intervalSeconds).toBe(5);
});

it('wraps the device code, and takes a complete address only where it is one', () => {
  expect(judge(ANSWER).device_code).toBeInstanceOf(Secret);
  expect(judge(ANSWER).device_code.reveal()).toBe('device');
  const complete = 'https://idp.example.com/device?user_code=WDJB-MJHT';
  expect(judge({ ...ANSWER, verification_uri_complete: complete }).verification_uri_complete).toBe(complete);
  expect(judge({ ...ANSWER, verification_uri_complete: 'data:,x' })).not.toHaveProperty(
    'verification_uri_complete',
  );
});

it.each(['https://idp.example.com/device', 'http://idp.example.com/device'])(
  'shows the address %s',
  (verification_uri) => {
    expect(judge({ ...ANSWER, verification_uri }).verification_uri).toBe(verification_uri);
  },
);

it.each([
  ['client_secret_basic', 'scope=a%2Cb', true],
  [
    'client_secret_post',
    `client_id=client-1&client_secret=${fakeSecret('client').reveal()}&scope=a%2Cb`,
    false,
  ],
  ['none', 'client_id=client-1&scope=a%2Cb', false],
] as const)('the client authenticates with %s as at the token endpoint', async (method, body, header) => {
  const request = await buildDeviceAuthorization(
    {
      url: 'https://idp.example.com/device_authorization',
      tokenUrl: 'https://idp.example.com/token',
      credentials: { client_id: 'client-1', client_secret: fakeSecret('client') },
      scope: 'a b',
      request: requestRulesSchema.parse({ clientAuthentication: method, scopeSeparator: ',' }),
    },
    { now: () => 0, uuid: () => 'u' },
  );
  expect(request.body?.reveal()).toBe(body);
  expect('authorization' in request.headers).toBe(header);
  expect(request.identifiesClient).toBe(true);
});

it('asks for the scope of the rules where none is declared, and shows the certificate where TLS is to know the client', async () => {
  const { cert, key } = testCertificate('client.example');
  const request = await buildDeviceAuthorization(
    {
      url: 'https://idp.example.com/device_authorization',
      tokenUrl: 'https://idp.example.com/token',
      credentials: { client_id: 'client-1', certificate: cert, private_key: new Secret(key) },
      request: requestRulesSchema.parse({ clientAuthentication: 'tls_client_auth', defaultScope: 'a b' }),
    },
    { now: () => 0, uuid: () => 'u' },
  );
  expect(request.body?.reveal()).toBe('client_id=client-1&scope=a+b');
  expect(request.clientCertificate?.certificate.reveal()).toBe(cert);
});
