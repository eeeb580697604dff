import { describe, expect, it } from 'vitest';
import { errorRulesSchema, requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import {
  buildRevocationRequest,
  processRevocationResponse,
  type RevocationInput,
} from '../../../../functions/oauth/request/revocation-request.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';

const errors = errorRulesSchema.parse({});
const context = { now: () => 0, uuid: () => 'id' };
const token = new Secret(canarySecret('token'));
const accessToken = new Secret(canarySecret('access'));
const client = { client_id: 'me', client_secret: new Secret(canarySecret('client')) };

const input = (more: Partial<RevocationInput> & { readonly rules?: object }): RevocationInput => ({
  style: 'rfc7009',
  url: 'https://idp.example.com/revoke',
  token,
  tokenType: 'refresh_token',
  request: requestRulesSchema.parse(more.rules ?? {}),
  errors,
  credentials: client,
  ...more,
});

const built = async (more: Parameters<typeof input>[0]) => {
  const request = await buildRevocationRequest(input(more), context);
  const { authorization } = request.headers;
  return {
    ...request,
    form: Object.fromEntries(new URLSearchParams(request.body?.reveal())),
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

  it('bears the access token and sends `token` alone, where that is the provider’s way', async () => {
    const { form, authorization, identifiesClient } = await built({ style: 'bearer-and-token', accessToken });
    expect(form).toEqual({ token: token.reveal() });
    expect(authorization).toBe(`Bearer ${accessToken.reveal()}`);
    expect(identifiesClient).toBe(false);
  });

  it('cannot be built without the access token that it should bear', async () => {
    await expect(built({ style: 'bearer-and-token' })).rejects.toMatchObject({
      code: 'missing_access_token',
    });
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
    [200, 'ok'],
  ])('%i with %j is a success', (status, body) => {
    expect(() => judge(status, body)).not.toThrow();
  });

  it.each([
    [400, '{"error": "unsupported_token_type"}', { code: 'unsupported_token_type' }],
    [401, '{"error": "invalid_client"}', { code: 'invalid_client', kind: 'configuration' }],
    [503, '', { kind: 'transient' }],
    [429, '', { kind: 'throttled' }],
    [200, '{"ok": false, "error": "not_authed"}', { code: 'not_authed' }],
  ])('%i with %j is none', (status, body, error) => {
    expect(() => judge(status, body)).toThrow(expect.objectContaining(error));
  });

  it('speaks of the revocation endpoint, and repeats no token', () => {
    const body = JSON.stringify({ error: 'invalid_request', error_description: `no ${token.reveal()}` });
    expect(() => judge(400, body)).toThrow(
      'The revocation endpoint answered HTTP 400, invalid_request: no [redacted]',
    );
  });

  it('says for how long to wait', () => {
    expect(() => judge(503, '', { 'retry-after': '7' })).toThrow(
      expect.objectContaining({ retryAfterMs: 7_000 }),
    );
  });
});
