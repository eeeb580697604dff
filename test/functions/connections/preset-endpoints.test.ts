import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { probeOf, revocationOf } from '../../../functions/connections/preset-endpoints.ts';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';
import { loadPreset } from '../../../functions/providers/load-preset.ts';

const connection = (fields: Partial<Connection> = {}): Connection => ({ credentials: 'c', ...fields });

function preset(fields: object) {
  return providerPresetSchema.parse({
    schema: 1,
    id: 'tenanted',
    name: 'Tenanted',
    docsUrl: 'https://docs.example.com',
    tokenUrl: 'https://{tenant}.example.com/token',
    placeholders: { tenant: { description: 'the tenant', pattern: '[a-z]+', example: 'acme' } },
    grants: ['client_credentials'],
    supportedGrants: ['client_credentials'],
    probe: { method: 'GET', url: 'https://{tenant}.example.com/me?x=1' },
    ...fields,
  });
}

describe('there is no probe', () => {
  it('without a preset, and for a preset that has none', () => {
    expect(probeOf(connection(), undefined)).toBeUndefined();
    expect(probeOf(connection(), preset({ probe: undefined }))).toBeUndefined();
  });

  it('where the connection has a token endpoint and the API is elsewhere', () => {
    const elsewhere = preset({ probe: { method: 'GET', url: 'https://api.example.com/me' } });
    const tokenUrl = 'https://idp.acme.example/token';
    expect(probeOf(connection({ tokenUrl }), elsewhere)).toBeUndefined();
    expect(probeOf(connection({ issuer: 'https://idp.acme.example' }), preset({}))).toBeUndefined();
    const placed = preset({ probe: { method: 'GET', url: 'https://{tenant}.example.com/{tenant}/me' } });
    expect(probeOf(connection({ tokenUrl }), placed)).toBeUndefined();
  });
});

it("is the preset's, its placeholders filled in", () => {
  expect(probeOf(connection({ placeholders: { tenant: 'acme' } }), preset({}))).toEqual({
    method: 'GET',
    url: 'https://acme.example.com/me?x=1',
  });
  expect(() => probeOf(connection(), preset({}))).toThrow(/tenant/);
});

it('of Kajabi is GET /v1/me, and follows a token endpoint of the connection', async () => {
  const kajabi = await loadPreset('kajabi');
  expect(probeOf(connection(), kajabi)).toEqual({ method: 'GET', url: 'https://api.kajabi.com/v1/me' });
  const tokenUrl = 'https://proxy.example.com:8443/kajabi/token';
  expect(probeOf(connection({ tokenUrl }), kajabi)?.url).toBe('https://proxy.example.com:8443/v1/me');
});

const acme = providerPresetSchema.parse({
  schema: 1,
  id: 'acme',
  name: 'Acme',
  docsUrl: 'https://acme.example/docs',
  tokenUrl: 'https://{tenant}.acme.example/token',
  placeholders: { tenant: { description: 'the tenant', pattern: '[a-z]+', example: 'demo' } },
  grants: ['client_credentials'],
  supportedGrants: ['client_credentials'],
  revocation: { url: 'https://{tenant}.acme.example/revoke', style: 'bearer-and-token' },
});
const acmeConnection = { provider: 'acme', credentials: 'x', placeholders: { tenant: 'blue' } };

describe('where tokens are taken back', () => {
  it('is what the preset says, filled in', () => {
    expect(revocationOf(acmeConnection, acme)).toEqual({
      url: 'https://blue.acme.example/revoke',
      style: 'bearer-and-token',
    });
  });

  it('is what the connection says, in the style of the preset', () => {
    const revocationUrl = 'https://proxy.example/revoke';
    expect(revocationOf({ ...acmeConnection, revocationUrl }, acme)).toEqual({
      url: revocationUrl,
      style: 'bearer-and-token',
    });
    expect(revocationOf({ tokenUrl: 'https://e.com/t', credentials: 'x', revocationUrl }, undefined)).toEqual(
      {
        url: revocationUrl,
        style: 'rfc7009',
      },
    );
  });

  it.each([{ tokenUrl: 'https://other.example/token' }, { issuer: 'https://other.example' }])(
    'is not the preset’s for a connection with an endpoint of its own: %o',
    (own) => {
      expect(revocationOf({ ...acmeConnection, ...own }, acme)).toBeUndefined();
    },
  );

  it('is unknown where nobody says', () => {
    expect(
      revocationOf({ ...acmeConnection, placeholders: {} }, { ...acme, revocation: undefined }),
    ).toBeUndefined();
  });

  it('cannot be known without the placeholder that it needs', () => {
    expect(() => revocationOf({ ...acmeConnection, placeholders: {} }, acme)).toThrow('Acme needs "tenant"');
  });
});
