import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { ConnectionError } from '../../../functions/connections/connection-error.ts';
import { parseConnection } from '../../../functions/connections/parse/parse-connection.ts';
import { type ProviderPreset, providerPresetSchema } from '../../../functions/connections/provider-preset.ts';
import { resolveConnection } from '../../../functions/connections/resolve-connection.ts';
import { literal } from '../../../functions/oauth/request/templates.ts';

const acme: ProviderPreset = providerPresetSchema.parse({
  schema: 1,
  id: 'acme',
  name: 'Acme',
  docsUrl: 'https://acme.example/docs',
  issuer: 'https://{domain}.acme.example',
  tokenUrl: 'https://{domain}.acme.example/token',
  refreshUrl: 'https://{domain}.acme.example/refresh',
  placeholders: {
    domain: { description: 'the first part of your address', pattern: '[a-z0-9-]+', example: 'mine' },
  },
  grants: ['refresh_token', 'client_credentials'],
  supportedGrants: ['refresh_token', 'client_credentials', 'authorization_code'],
  request: {
    clientAuthentication: 'client_secret_post',
    clientAuthenticationByGrant: { refresh_token: 'none' },
    parameters: { audience: 'https://api.acme.example', tenant: 'a' },
  },
  defaultLifetimeSeconds: 7200,
});

const bare = providerPresetSchema.parse({
  ...acme,
  issuer: undefined,
  tokenUrl: undefined,
  refreshUrl: undefined,
  placeholders: {},
});

const resolve = (change: object, preset = acme) =>
  resolveConnection(
    'crm',
    parseConnection({ provider: 'acme', credentials: 'acme', ...change }, 'crm'),
    preset,
  );

describe('placeholders', () => {
  test('refuses an unknown one, and suggests the near one', () => {
    expect(() => resolve({ placeholders: { domian: 'mine' } })).toThrow(
      new ConnectionError(
        'placeholders: Acme has no placeholder "domian"; did you mean "domain"?; it has "domain"',
      ),
    );
  });

  test('refuses any where the preset has none', () => {
    expect(() => resolve({ placeholders: { domain: 'mine' }, tokenUrl: 'https://a.example/' }, bare)).toThrow(
      'placeholders: Acme has no placeholder "domain"; it has none',
    );
  });

  test('refuses values longer than any host, tenant or account has', () => {
    expect(() => resolve({ placeholders: { domain: 'a'.repeat(1000) } })).not.toThrow();
    expect(() => resolve({ placeholders: { domain: 'a'.repeat(1001) } })).toThrow(/is no domain of Acme/);
  });

  test('asks for a missing one, with an example', () => {
    expect(() => resolve({})).toThrow(
      'placeholders: Acme needs "domain": the first part of your address, e.g. "mine"',
    );
  });

  test.each(['mine.evil.example/', 'a@evil.example', 'a b', 'Mine', 'mine\n', ''])(
    'quirk 16: refuses the value %j',
    (domain) => {
      expect(() => resolve({ placeholders: { domain } })).toThrow(/placeholders/);
    },
  );

  test('does not take a value from the prototype', () => {
    const preset = providerPresetSchema.parse({
      ...acme,
      tokenUrl: 'https://{constructor}.acme.example/token',
      placeholders: {
        constructor: { description: 'a part', pattern: '.*', example: 'x' },
        ...acme.placeholders,
      },
    });
    expect(() => resolve({ placeholders: { domain: 'mine' } }, preset)).toThrow('Acme needs "constructor"');
  });

  test('quirk 16: refuses a result that is no https URL, whatever the pattern lets through', () => {
    const preset = providerPresetSchema.parse({
      ...acme,
      placeholders: { domain: { description: 'a part', pattern: '.*', example: 'x' } },
    });
    expect(() => resolve({ placeholders: { domain: 'a b' } }, preset)).toThrow(
      'which is no https URL that can be used',
    );
    expect(() => resolve({ placeholders: { domain: 'me@evil' } }, preset)).toThrow(
      'which is no https URL that can be used',
    );
  });

  test('fills every URL', () => {
    expect(resolve({ placeholders: { domain: 'mine' } })).toMatchObject({
      tokenUrl: 'https://mine.acme.example/token',
      refreshUrl: 'https://mine.acme.example/refresh',
      issuer: 'https://mine.acme.example',
    });
  });
});

describe('endpoints of the connection', () => {
  test('a token URL replaces all of the preset’s, and needs no placeholder', () => {
    expect(resolve({ tokenUrl: 'https://proxy.example/token' })).toMatchObject({
      tokenUrl: 'https://proxy.example/token',
      refreshUrl: undefined,
      issuer: undefined,
    });
  });

  test('an issuer replaces them too: its metadata names the token endpoint', () => {
    expect(resolve({ issuer: 'https://idp.example' })).toMatchObject({
      tokenUrl: undefined,
      refreshUrl: undefined,
      issuer: 'https://idp.example',
    });
  });

  test('a preset without a token endpoint asks for one', () => {
    expect(() => resolve({}, bare)).toThrow(
      'tokenUrl: Acme has no token endpoint of its own; set "tokenUrl" or "issuer"',
    );
  });

  test('a token that is signed here needs no endpoint', () => {
    const signed = { ...bare, grants: ['self_signed'] };
    expect(resolve({}, signed)).toMatchObject({ tokenUrl: undefined, issuer: undefined });
    expect(() => resolve({ grants: ['client_credentials'] }, signed)).toThrow('no token endpoint');
  });
});

describe('grants', () => {
  test('refuses what the provider lacks', () => {
    expect(() => resolve({ tokenUrl: 'https://a.example/', grants: ['password'] })).toThrow(
      'grants: Acme has no grant type "password"; it knows refresh_token, client_credentials, authorization_code',
    );
    expect(() => resolve({ tokenUrl: 'https://a.example/', grants: ['refresh'] })).toThrow(
      /has no grant type "refresh"/,
    );
  });

  test('without a preset any grant type goes (RFC 6749 section 4.5)', () => {
    const connection = parseConnection(
      { tokenUrl: 'https://a.example/', credentials: 'a', grants: ['own'] },
      'a',
    );
    expect(resolveConnection('a', connection).grants).toEqual(['own']);
  });

  test('come from the preset where the connection has none', () => {
    expect(resolve({ tokenUrl: 'https://a.example/' }).grants).toEqual([
      'refresh_token',
      'client_credentials',
    ]);
  });
});

describe('what proves the client', () => {
  const trusting = providerPresetSchema.parse({
    ...acme,
    identity: { use: 'client', audience: 'https://{domain}.acme.example', lifetimeSeconds: 120 },
  });
  const OWN = { credentials: undefined, identity: 'aws', placeholders: { domain: 'mine' } };

  test('is what AWS says of the role, with the preset’s audience filled in, where the connection wants it', () => {
    expect(resolve({ ...OWN, clientId: 'public' }, trusting)).toMatchObject({
      credentials: undefined,
      signingKey: undefined,
      clientId: 'public',
      identity: {
        use: 'client',
        audience: 'https://mine.acme.example',
        algorithm: 'RS256',
        lifetimeSeconds: 120,
      },
    });
    expect(resolve({ placeholders: { domain: 'mine' } }, trusting)).toMatchObject({
      credentials: 'acme',
      identity: undefined,
    });
  });

  test('is nothing where nobody says how an identity is taken, or what AWS is to be asked for', () => {
    expect(() => resolve(OWN)).toThrow('identity: nothing says how Acme takes a token of AWS');
    const unknown = providerPresetSchema.parse({
      ...acme,
      identity: { use: 'client', audience: '{tokenUrl}' },
    });
    expect(() => resolve(OWN, unknown)).toThrow(
      'identity: its audience "{tokenUrl}" holds "{tokenUrl}", which nobody knows before a request',
    );
  });

  test('is a key in KMS beside credentials', () => {
    const signingKey = { kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1' };
    expect(resolve({ signingKey, placeholders: { domain: 'mine' } })).toMatchObject({
      credentials: 'acme',
      signingKey,
    });
  });

  test('must be there, also in a definition that was stored by whoever', () => {
    const stored = { tokenUrl: 'https://a.example/token' } as Connection;
    expect(() => resolveConnection('crm', stored)).toThrow('credentials: is missing');
  });
});

describe('request rules', () => {
  test('an own client authentication counts for every grant type', () => {
    const { request } = resolve({
      tokenUrl: 'https://a.example/',
      clientAuthentication: 'client_secret_basic',
    });
    expect(request).toMatchObject({
      clientAuthentication: 'client_secret_basic',
      clientAuthenticationByGrant: {},
    });
  });

  test('without one the preset’s stays', () => {
    const { request } = resolve({ tokenUrl: 'https://a.example/' });
    expect(request).toMatchObject({
      clientAuthentication: 'client_secret_post',
      clientAuthenticationByGrant: { refresh_token: 'none' },
    });
  });

  test('parameters of a connection are sent as they are, braces and all', () => {
    const parameters = { filter: '{scope}', list: ['{"a": {tokenUrl}}'] };
    const { request } = resolve({ parameters, placeholders: { domain: 'mine' } });
    expect(request.parameters).toMatchObject({
      filter: literal('{scope}'),
      list: [literal('{"a": {tokenUrl}}')],
    });
  });

  test('parameters are added to the preset’s and win', () => {
    const { request } = resolve({
      tokenUrl: 'https://a.example/',
      parameters: { tenant: 'b', resource: ['x', 'y'] },
    });
    expect(request.parameters).toEqual({
      audience: 'https://api.acme.example',
      tenant: 'b',
      resource: ['x', 'y'],
    });
  });
});

test('a connection without a preset follows RFC 6749', () => {
  const resolved = resolveConnection(
    'a',
    parseConnection({ tokenUrl: 'https://a.example/', credentials: 'a' }, 'a'),
  );
  expect(resolved).toMatchObject({
    provider: 'rfc6749',
    grants: ['client_credentials'],
    request: {
      clientAuthentication: 'client_secret_basic',
      basicEncoding: 'form',
      bodyFormat: 'form',
      method: 'POST',
    },
  });
});
