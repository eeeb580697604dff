import { describe, expect, it } from 'vitest';
import { processMetadataResponse } from '../../../../functions/oauth/discovery/issuer-metadata.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { tokenErrorOf } from '../../../support/token-input.ts';

const ISSUER = 'https://idp.example.com';
const METADATA = { issuer: ISSUER, token_endpoint: `${ISSUER}/oauth2/token` };

const processed = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  processMetadataResponse({ status, headers, body: new Secret(JSON.stringify(body)) }, ISSUER, 0);

describe('metadata', () => {
  it('is what an issuer says of itself, no more', () => {
    expect(processed({ ...METADATA, jwks_uri: `${ISSUER}/keys` })).toStrictEqual({
      ...METADATA,
      authorization_response_iss_parameter_supported: false,
    });
  });

  it.each([
    [{ token_endpoint: `${ISSUER}/mtls`, other: 'x' }, { token_endpoint: `${ISSUER}/mtls` }],
    [{ token_endpoint: 7 }, undefined],
    [{}, undefined],
    ['text', undefined],
    [null, undefined],
  ])('that says %j of clients with a certificate', (mtls_endpoint_aliases, alias) => {
    expect(processed({ ...METADATA, mtls_endpoint_aliases }).mtls_endpoint_aliases).toEqual(alias);
  });

  it.each([201, 203, 301, 404, 403])('is believed at 200 only, not at %i', async (status) => {
    expect(await tokenErrorOf(() => processed(METADATA, status))).toMatchObject({
      kind: 'unsure',
      code: 'metadata_not_found',
      status,
    });
  });

  // RFC 9207 section 3: who believes that `iss` is promised refuses every answer without it.
  it.each([
    [true, true],
    [false, false],
    ['true', false],
    [1, false],
    [null, false],
    [undefined, false],
  ])('that says %j of `iss` promises it: %s', (said, promised) => {
    const body = { ...METADATA, authorization_response_iss_parameter_supported: said };
    expect(processed(body).authorization_response_iss_parameter_supported).toBe(promised);
  });
});

describe('an issuer that cannot answer now', () => {
  it.each([
    [408, 'never-sent'],
    [429, 'throttled'],
    [500, 'never-sent'],
    [599, 'never-sent'],
  ])('is asked again after %i', async (status, kind) => {
    const error = await tokenErrorOf(() => processed(METADATA, status, { 'retry-after': '3' }));
    expect(error).toMatchObject({ kind, code: 'metadata_unavailable', status, retryAfterMs: 3_000 });
  });
});

describe('another issuer', () => {
  it.each([
    ['by its name', 'https://evil.example', 'issuer "https://evil.example"'],
    ['by a question mark where it is a page', '<script>alert(1)</script>', 'issuer "?"'],
    ['by a question mark where it is empty', '', 'issuer "?"'],
  ])('is shown %s', async (_, issuer, shown) => {
    const error = await tokenErrorOf(() => processed({ ...METADATA, issuer }));
    expect(error).toMatchObject({ kind: 'configuration', code: 'issuer_mismatch' });
    expect(error.message).toContain(shown);
  });
});
