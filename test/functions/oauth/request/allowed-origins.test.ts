import { describe, expect, it } from 'vitest';
import {
  isOriginAllowed,
  originPatternProblem,
  requireAllowedOrigin,
} from '../../../../functions/oauth/request/allowed-origins.ts';
import { buildDeviceAuthorization } from '../../../../functions/oauth/request/device-authorization.ts';
import { buildRevocationRequest } from '../../../../functions/oauth/request/revocation-request.ts';
import { buildTokenRequest } from '../../../../functions/oauth/request/token-request.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
import { fakeSecret, tokenInput } from '../../../support/token-input.ts';

describe('an allowed origin', () => {
  it.each<[string, string, boolean]>([
    ['https://idp.example.com', 'https://idp.example.com/oauth/token?tenant=1', true],
    ['https://idp.example.com/', 'https://idp.example.com/token', false],
    ['HTTPS://IDP.Example.COM', 'https://idp.example.com/token', true],
    ['https://idp.example.com:443', 'https://idp.example.com/token', true],
    ['https://idp.example.com', 'https://IDP.EXAMPLE.com:443/token', true],
    ['https://idp.example.com', 'https://idp.example.com:8443/token', false],
    ['https://idp.example.com', 'http://idp.example.com/token', false],
    ['https://idp.example.com', 'https://idp.example.com.attacker.example/token', false],
    ['https://idp.example.com', 'https://xidp.example.com/token', false],
    ['https://idp.example.com', 'https://idp.example.com./token', false],
    ['https://idp.example.com', 'https://idp.example.com@attacker.example/token', false],
    ['https://idp.example.com', 'https://attacker.example/?https://idp.example.com', false],
    ['https://*.example.com', 'https://acme.example.com/token', true],
    ['https://*.example.com', 'https://example.com/token', false],
    ['https://*.example.com', 'https://a.b.example.com/token', false],
    ['https://*.example.com', 'https://.example.com/token', false],
    ['https://*.*.example.com', 'https://a.b.example.com/token', true],
    ['https://*.example.com', 'https://acme.example.com.attacker.example/token', false],
    ['https://*.example.com', 'https://acmeexample.com/token', false],
    ['https://*.example.com:8443', 'https://acme.example.com/token', false],
    ['https://*.example.com:8443', 'https://acme.example.com:8443/token', true],
    ['https://*.com', 'https://attacker.com/token', false],
    ['https://*', 'https://attacker.com/token', false],
    ['*', 'https://attacker.com/token', false],
    ['https://idp.*.com', 'https://idp.attacker.com/token', false],
    ['https://*example.com', 'https://attackerexample.com/token', false],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/token', true],
    ['https://bücher.example', 'https://xn--bcher-kva.example/token', true],
  ])('%s and %s: %j', (entry, url, allowed) => {
    expect(isOriginAllowed([entry], url)).toBe(allowed);
    expect(isOriginAllowed(['https://other.example', entry], url)).toBe(allowed);
  });

  it.each([
    ['idp.example.com', /scheme, host and port alone/],
    ['https://idp.example.com/oauth', /scheme, host and port alone/],
    ['ftp://idp.example.com', /scheme, host and port alone/],
    ['https://', /scheme, host and port alone/],
    ['https://idp.example.com?x', /scheme, host and port alone/],
    ['https://id@idp.example.com', /scheme, host and port alone/],
    ['https://idp.*.example.com', /scheme, host and port alone/],
    ['https://a b.example.com', /scheme, host and port alone/],
    ['https://*.com', /"\*" stands before "com" alone/],
    ['https://*.localhost:1', /at least two labels/],
  ])('is not %j', (entry, problem) => {
    expect(originPatternProblem(entry)).toMatch(problem);
  });
});

describe('credentials that say where they may go', () => {
  const send = (allowed: readonly string[] | undefined, url: string) => () =>
    requireAllowedOrigin(allowed === undefined ? {} : { allowed_token_origins: allowed }, url);

  it('go there', () => {
    expect(send(['https://idp.example.com'], 'https://idp.example.com/token')).not.toThrow();
  });

  it('go nowhere else, and both origins are named', () => {
    const elsewhere = send(['https://idp.example.com'], 'https://attacker.example/token');
    expect(elsewhere).toThrow(TokenError);
    expect(elsewhere).toThrow(/only to https:\/\/idp\.example\.com, .* https:\/\/attacker\.example; nothing/);
    expect(elsewhere).toThrow(expect.objectContaining({ kind: 'configuration', code: 'origin_not_allowed' }));
  });

  it('go nowhere at all when the list is empty', () => {
    expect(send([], 'https://idp.example.com/token')).toThrow(/may be sent nowhere/);
  });

  it('go anywhere when they say nothing', () => {
    expect(send(undefined, 'https://attacker.example/token')).not.toThrow();
  });
});

describe('no request is built that would leave the allowed origins', () => {
  const context = { now: () => 0, uuid: () => 'id' };
  const tokenUrl = 'https://idp.example.com/token';
  const credentials = {
    client_id: 'me',
    client_secret: fakeSecret('client-secret'),
    allowed_token_origins: ['https://idp.example.com'],
  };
  const { request, errors } = tokenInput();
  const token = fakeSecret('token');
  const requests: [string, (url: string) => Promise<unknown>][] = [
    ['a token request', (url) => buildTokenRequest(tokenInput({ credentials, tokenUrl: url }), context)],
    [
      'a refresh that names no client',
      (url) =>
        buildTokenRequest(
          tokenInput({
            credentials,
            tokenUrl: url,
            grantType: 'refresh_token',
            refresh_token: token,
            request: { clientAuthentication: 'none' },
          }),
          context,
        ),
    ],
    [
      'a device authorization',
      (url) => buildDeviceAuthorization({ url, credentials, request, tokenUrl }, context),
    ],
    [
      'a revocation',
      (url) =>
        buildRevocationRequest(
          {
            style: 'rfc7009',
            url,
            tokenUrl,
            token,
            tokenType: 'refresh_token',
            request,
            errors,
            credentials,
          },
          context,
        ),
    ],
    [
      'a revocation that the access token bears',
      (url) =>
        buildRevocationRequest(
          { style: 'bearer-and-token', url, token, accessToken: token, request, errors, credentials },
          context,
        ),
    ],
  ];

  it.each(requests)('%s', async (_, build) => {
    await expect(build('https://idp.example.com/path')).resolves.toBeDefined();
    await expect(build('https://attacker.example/path')).rejects.toMatchObject({
      kind: 'configuration',
      code: 'origin_not_allowed',
    });
  });
});
