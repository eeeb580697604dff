import { describe, expect, it } from 'vitest';
import { credentialOrigins, originName } from '../../../functions/connections/credential-origins.ts';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';

const preset = (urls: object, ...placeholders: string[]) =>
  providerPresetSchema.parse({
    schema: 1,
    id: 'acme',
    name: 'Acme',
    docsUrl: 'https://acme.example/docs',
    grants: ['client_credentials'],
    supportedGrants: ['client_credentials'],
    placeholders: Object.fromEntries(
      placeholders.map((name) => [name, { pattern: '[a-z0-9.-]+', description: name, example: 'acme' }]),
    ),
    ...urls,
  });

describe('the origins of credentials', () => {
  it('are those of the endpoints that a connection names', () => {
    expect(
      credentialOrigins({
        tokenUrl: 'https://IDP.example.com:443/token',
        revocationUrl: 'https://revoke.example.com/revoke',
        deviceAuthorizationUrl: 'https://idp.example.com/device',
      }),
    ).toEqual(['https://idp.example.com', 'https://revoke.example.com']);
    expect(credentialOrigins({ issuer: 'https://login.example.com/tenant' })).toEqual([
      'https://login.example.com',
    ]);
  });

  it('are those of the preset, and none of them beside an endpoint of one’s own', () => {
    const acme = preset({
      tokenUrl: 'https://api.acme.example/token',
      refreshUrl: 'https://refresh.acme.example/token',
      revocation: { url: 'https://api.acme.example/revoke', style: 'rfc7009' },
    });
    expect(credentialOrigins({}, acme)).toEqual(['https://api.acme.example', 'https://refresh.acme.example']);
    expect(credentialOrigins({ tokenUrl: 'https://proxy.example.com/token' }, acme)).toEqual([
      'https://proxy.example.com',
    ]);
  });

  it('are one pattern for all tenants of a provider', () => {
    const shops = preset({ tokenUrl: 'https://{shop}.myshop.example/oauth/token' }, 'shop');
    expect(credentialOrigins({ placeholders: { shop: 'one' } }, shops)).toEqual(['https://*.myshop.example']);
    expect(credentialOrigins({ placeholders: { shop: 'two' } }, shops)).toEqual(['https://*.myshop.example']);
  });

  it.each([
    ['the whole host', 'https://{domain}/oauth/token', { domain: 'acme.auth.example' }],
    ['a part of a label', 'https://login-{domain}.idp.example/token', { domain: 'acme' }],
    ['what stands before a single label', 'https://{domain}.example/token', { domain: 'acme' }],
    ['the end of the host', 'https://accounts.idp.{domain}/token', { domain: 'eu' }],
  ])('are the tenant’s own where the placeholder is %s', (_, tokenUrl, placeholders) => {
    const [origin = ''] = credentialOrigins({ placeholders }, preset({ tokenUrl }, 'domain'));
    expect(origin).toBe(new URL(tokenUrl.replace('{domain}', placeholders.domain)).origin);
  });

  it('are those of what a listed value stands for, and of a default', () => {
    const listed = providerPresetSchema.parse({
      ...preset({ tokenUrl: 'https://{environment}.pay.example/token' }, 'environment'),
      placeholders: {
        environment: {
          description: 'environment',
          values: { live: 'api', sandbox: 'api.sandbox' },
          default: 'live',
          example: 'live',
        },
      },
    });
    expect(credentialOrigins({}, listed)).toEqual(['https://api.pay.example']);
    expect(credentialOrigins({ placeholders: { environment: 'sandbox' } }, listed)).toEqual([
      'https://api.sandbox.pay.example',
    ]);
  });

  it('are the tenant’s own where its name is several labels', () => {
    const tenants = preset({ tokenUrl: 'https://{tenant}.idp.example/token' }, 'tenant');
    expect(credentialOrigins({ placeholders: { tenant: 'acme.eu' } }, tenants)).toEqual([
      'https://acme.eu.idp.example',
    ]);
  });

  it('are none where a value is missing', () => {
    expect(credentialOrigins({}, preset({ tokenUrl: 'https://{domain}/token' }, 'domain'))).toEqual([]);
  });
});

describe('the name of an origin', () => {
  it('is the pattern that covers it, else itself', () => {
    const known = ['https://*.myshop.example'];
    expect(originName('https://one.myshop.example/token', known)).toBe('https://*.myshop.example');
    expect(originName('https://attacker.example/token', known)).toBe('https://attacker.example');
  });
});
