import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { probeOf } from '../../../functions/connections/probe-of.ts';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';
import { loadPreset } from '../../../functions/providers/presets.ts';

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
