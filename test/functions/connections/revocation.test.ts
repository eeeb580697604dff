import { describe, expect, it } from 'vitest';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';
import { revocationOf } from '../../../functions/connections/revocation.ts';

const preset = providerPresetSchema.parse({
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
const connection = { provider: 'acme', credentials: 'x', placeholders: { tenant: 'blue' } };

describe('where tokens are taken back', () => {
  it('is what the preset says, filled in', () => {
    expect(revocationOf(connection, preset)).toEqual({
      url: 'https://blue.acme.example/revoke',
      style: 'bearer-and-token',
    });
  });

  it('is what the connection says, in the style of the preset', () => {
    const revocationUrl = 'https://proxy.example/revoke';
    expect(revocationOf({ ...connection, revocationUrl }, preset)).toEqual({
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
      expect(revocationOf({ ...connection, ...own }, preset)).toBeUndefined();
    },
  );

  it('is unknown where nobody says', () => {
    expect(
      revocationOf({ ...connection, placeholders: {} }, { ...preset, revocation: undefined }),
    ).toBeUndefined();
  });

  it('cannot be known without the placeholder that it needs', () => {
    expect(() => revocationOf({ ...connection, placeholders: {} }, preset)).toThrow('Acme needs "tenant"');
  });
});
