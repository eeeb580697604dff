import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { type AssertionRules, assertionRulesSchema } from '../../../../functions/oauth/assertion-rules.ts';
import type { Credentials } from '../../../../functions/oauth/credentials.ts';
import { errorRulesSchema, requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import {
  buildRevocationRequest,
  processRevocationResponse,
  type RevocationInput,
} from '../../../../functions/oauth/request/revocation-request.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import { canarySecret } from '../../../support/canary.ts';

/** Rules for what a client signs, also ones that no schema would let pass. */
const assertion = (rules: object) =>
  ({ ...assertionRulesSchema.parse({ use: 'client' }), ...rules }) as AssertionRules;

const errors = errorRulesSchema.parse({});
const context = { now: () => 0, uuid: () => 'id' };
const token = new Secret(canarySecret('token'));
const accessToken = new Secret(canarySecret('access'));
const client = { client_id: 'me', client_secret: new Secret(canarySecret('client')) };

const URLS = { url: 'https://idp.example.com/revoke', tokenUrl: 'https://idp.example.com/token' };

const built = async ({
  rules = {},
  style = 'rfc7009',
  credentials = client,
}: Partial<{
  rules: object;
  style: RevocationInput['style'];
  credentials: Credentials;
}>) => {
  const request = requestRulesSchema.parse(rules);
  const { url, tokenUrl } = URLS;
  const httpRequest = await buildRevocationRequest(
    style === 'rfc7009'
      ? { style, url, tokenUrl, token, tokenType: 'refresh_token', request, errors, credentials }
      : { style, url, token, accessToken, request, errors, credentials },
    context,
  );
  const { authorization } = httpRequest.headers;
  return {
    ...httpRequest,
    form: Object.fromEntries(new URLSearchParams(httpRequest.body?.reveal())),
    authorization: authorization instanceof Secret ? authorization.reveal() : authorization,
  };
};

describe('a revocation request', () => {
  it('carries token and hint, and authenticates as at the token endpoint (RFC 7009 section 2.1)', async () => {
    const { method, form, authorization, headers, identifiesClient } = await built({});
    expect({ method, form, identifiesClient }).toEqual({
      method: 'POST',
      form: { token: token.reveal(), token_type_hint: 'refresh_token' },
      identifiesClient: true,
    });
    expect(authorization).toMatch(/^Basic /);
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('carries the client in the body where the provider wants it there', async () => {
    const { form, authorization } = await built({ rules: { clientAuthentication: 'client_secret_post' } });
    expect(form).toMatchObject({ client_id: 'me', client_secret: client.client_secret.reveal() });
    expect(authorization).toBeUndefined();
  });

  it('names a public client', async () => {
    const { form } = await built({ rules: { clientAuthentication: 'none' } });
    expect(form).toEqual({ token: token.reveal(), token_type_hint: 'refresh_token', client_id: 'me' });
  });

  it.each([
    ['the token endpoint', {}, URLS.tokenUrl],
    [
      'what the provider wants in its place',
      { assertion: assertion({ claims: { aud: 'https://idp.example.com' } }) },
      'https://idp.example.com',
    ],
  ])(
    'addresses a client assertion to %s, never to itself (RFC 7523 section 3)',
    async (_, more, audience) => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const private_key = new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
      const rules = { clientAuthentication: 'private_key_jwt', ...more };
      const { form } = await built({ rules, credentials: { client_id: 'me', private_key } });
      expect(decodeJwt(form['client_assertion'] ?? '').aud).toBe(audience);
    },
  );

  it('cannot be built without what authenticates the client', async () => {
    await expect(built({ credentials: {} })).rejects.toMatchObject({ code: 'missing_client_id' });
  });

  it('bears the access token and sends `token` alone, where that is the provider’s way', async () => {
    const { form, authorization, identifiesClient } = await built({ style: 'bearer-and-token' });
    expect(form).toEqual({ token: token.reveal() });
    expect(authorization).toBe(`Bearer ${accessToken.reveal()}`);
    expect(identifiesClient).toBe(false);
  });
});

describe('quirk 67: styles of their own', () => {
  const rules = requestRulesSchema.parse({});
  const build = (style: 'bearer' | 'client-delete', url: string) =>
    buildRevocationRequest(
      { style, url, token, accessToken, request: rules, errors, credentials: client },
      context,
    );

  it('the access token alone says what is meant', async () => {
    const { method, body, headers } = await build('bearer', URLS.url);
    expect(method).toBe('POST');
    expect(body).toBeUndefined();
    expect(headers).not.toHaveProperty('content-type');
    expect((headers['authorization'] as Secret).reveal()).toBe(`Bearer ${accessToken.reveal()}`);
  });

  it('the client deletes what the access token stands for', async () => {
    const url = 'https://api.example.com/applications/{credential.client_id}/grant';
    const request = await build('client-delete', url);
    expect(request.method).toBe('DELETE');
    expect(request.url.reveal()).toBe('https://api.example.com/applications/me/grant');
    expect(JSON.parse(request.body?.reveal() ?? '')).toEqual({ access_token: accessToken.reveal() });
    expect((request.headers['authorization'] as Secret).reveal()).toMatch(/^Basic /);
    expect(request.headers['content-type']).toBe('application/json');
  });

  it('a client id cannot leave its place in the URL', async () => {
    const request = await buildRevocationRequest(
      {
        style: 'client-delete',
        url: 'https://api.example.com/applications/{credential.client_id}/grant',
        token,
        accessToken,
        request: rules,
        errors,
        credentials: { ...client, client_id: '../x?y' },
      },
      context,
    );
    expect(request.url.reveal()).toBe('https://api.example.com/applications/..%2Fx%3Fy/grant');
  });
});

describe('the answer to a revocation', () => {
  const judge = (status: number, body = '', headers = {}) =>
    processRevocationResponse({ status, headers, body: new Secret(body) }, errors, {
      now: 0,
      secrets: [token],
      identifiesClient: true,
    });

  it.each([
    [200, ''],
    [200, '{}'],
    [204, ''],
    [299, ''],
    [200, 'ok'],
  ])('quirk 66: %i with %j is a success', (status, body) => {
    expect(() => judge(status, body)).not.toThrow();
  });

  it.each([
    [400, '{"error": "unsupported_token_type"}', { code: 'unsupported_token_type', kind: 'unsure' }],
    [401, '{"error": "invalid_client"}', { code: 'invalid_client', kind: 'client-refused' }],
    [401, '{"error": "invalid_token"}', { kind: 'client-refused' }],
    [403, '{"error": "invalid_token"}', { kind: 'unsure' }],
    [403, '{"error": "invalid_grant"}', { kind: 'unsure' }],
    [400, '{"error": "invalid_request", "error_description": "invalid token"}', { kind: 'configuration' }],
    [400, '{"message": "Invalid token type"}', { kind: 'unsure' }],
    [503, '', { kind: 'unanswered' }],
    [500, '{"error": "invalid_token"}', { kind: 'unanswered' }],
    [503, '{"error": "invalid_token"}', { kind: 'unanswered' }],
    [199, '', { kind: 'unanswered', status: 199 }],
    [300, '', { kind: 'unsure', status: 300 }],
    [400, '{"error": "E1", "message": "Invalid token"}', { kind: 'unsure' }],
    [400, '{"error": "1E", "message": "Invalid token"}', { kind: 'unsure' }],
    [400, '{"error": "no_such_app", "code": "invalid_token"}', { kind: 'unsure' }],
    [400, '{"message": "No such app", "detail": "Invalid token"}', { kind: 'unsure' }],
    [200, '{"ok": false, "error": "rate_limited"}', { kind: 'throttled' }],
    [200, '{"ok": false, "error": "invalid_client"}', { kind: 'client-refused' }],
    [429, '', { kind: 'throttled' }],
    [200, '{"ok": false, "error": "not_authed"}', { code: 'not_authed', kind: 'unsure' }],
  ])('%i with %j is none', (status, body, error) => {
    expect(() => judge(status, body)).toThrow(expect.objectContaining(error));
  });

  it.each([
    [200, '{"error": "invalid_token", "error_description": "Invalid token"}'],
    [400, '{"error": "invalid_token", "error_description": "Token expired or revoked"}'],
    [400, '{"error": "invalid_grant"}'],
    [400, '{"error": "token_not_found"}'],
    [200, '{"ok": false, "error": "token_revoked"}'],
    [400, '{"status": 400, "message": "Invalid token"}'],
    [400, '{"message": "The access token is not active."}'],
  ])('%i with %j says that there is no such token, which is as good', (status, body) => {
    expect(() => judge(status, body)).toThrow(expect.objectContaining({ kind: 'refused', status }));
  });

  it('is none that can be relied on when it was cut off before an error could be seen', () => {
    const cutOff = new TokenError('unanswered', 'truncated_answer', 'The request was answered in part.');
    const response = { status: 200, headers: {}, body: new Secret('{"err'), cutOff };
    const judged = { now: 0, secrets: [token], identifiesClient: true };
    expect(() => processRevocationResponse(response, errors, judged)).toThrow(cutOff);
  });

  it('speaks of the revocation endpoint, and repeats no token', () => {
    const body = JSON.stringify({ error: 'invalid_request', error_description: `no ${token.reveal()}` });
    expect(() => judge(400, body)).toThrow(
      'The revocation endpoint answered HTTP 400, invalid_request: no [redacted]',
    );
  });

  it.each([
    [503, ''],
    [400, '{"error": "invalid_grant"}'],
    [200, '{"ok": false, "error": "not_authed"}'],
  ])('quirk 66: %i with %j says for how long to wait', (status, body) => {
    expect(() => judge(status, body, { 'retry-after': '7' })).toThrow(
      expect.objectContaining({ retryAfterMs: 7_000 }),
    );
  });
});
