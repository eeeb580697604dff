import { describe, expect, test } from 'vitest';
import { ConnectionError } from '../../../functions/connections/connection-error.ts';
import {
  connectionRulesSchema,
  joinRules,
  withRules,
} from '../../../functions/connections/connection-rules.ts';
import { parseConnection } from '../../../functions/connections/parse/parse-connection.ts';
import { presetOf } from '../../../functions/connections/preset-of.ts';
import { type ProviderPreset, providerPresetSchema } from '../../../functions/connections/provider-preset.ts';
import { RFC_PRESET, resolveConnection } from '../../../functions/connections/resolve-connection.ts';

const preset: ProviderPreset = providerPresetSchema.parse({
  schema: 1,
  id: 'acme',
  name: 'Acme',
  docsUrl: 'https://acme.example/docs',
  tokenUrl: 'https://{tenant}.acme.example/token',
  placeholders: { tenant: { description: 'your tenant', pattern: '[a-z]+', example: 'mine' } },
  grants: ['refresh_token'],
  request: {
    headers: { 'x-version': '1' },
    parameters: { audience: 'a' },
    sendOnly: { refresh_token: ['grant_type'] },
  },
  errors: { invalidGrant: ['dead'] },
});

const declared = (connection: object) =>
  parseConnection(
    { provider: 'acme', credentials: 'acme-main', placeholders: { tenant: 'we' }, ...connection },
    'crm',
  );

describe('rules over a preset', () => {
  test('say what differs; everything else stays the preset’s', () => {
    const bent = withRules(preset, {
      response: { expiresInUnit: 'milliseconds' },
      errors: { throttled: ['slow'] },
    });
    expect(bent.response.expiresInUnit).toBe('milliseconds');
    expect(bent.errors).toMatchObject({ invalidGrant: ['dead'], throttled: ['slow'] });
    expect({ ...bent, response: preset.response, errors: preset.errors }).toEqual(preset);
  });

  test('join objects by their keys, and replace lists and whole things', () => {
    const { request } = withRules(preset, {
      request: {
        headers: { 'x-tenant': 'we' },
        parameters: { audience: 'b' },
        sendOnly: { refresh_token: ['scope'] },
      },
    });
    expect(request.headers).toEqual({ 'x-version': '1', 'x-tenant': 'we' });
    expect(request.parameters).toEqual({ audience: 'b' });
    expect(request.sendOnly).toEqual({ refresh_token: ['scope'] });
    const signed = { use: 'grant', claims: { iss: 'a', extra: 'b' } } as const;
    const joined = joinRules({ assertion: signed }, { assertion: { use: 'client' } });
    expect(joined).toEqual({ assertion: { use: 'client' } });
  });

  test('replace one assertion of several, and one placeholder, whole too', () => {
    const under = {
      assertionByGrant: { a: { use: 'grant', claims: { iss: 'x' } }, b: { use: 'token' } },
      placeholders: { tenant: { pattern: '[a-z]+', example: 'mine' } },
    };
    const over = {
      assertionByGrant: { a: { use: 'client' } },
      placeholders: { tenant: { values: { eu: 'a' }, example: 'eu' } },
    };
    expect(joinRules(under, over)).toEqual({
      assertionByGrant: { a: { use: 'client' }, b: { use: 'token' } },
      placeholders: over.placeholders,
    });
  });

  test('absent rules change nothing', () => {
    expect(withRules(preset, undefined)).toBe(preset);
    expect(withRules(preset, {})).toEqual(preset);
  });

  test('that make no sense with it are refused, with their path', () => {
    expect(() => withRules(preset, { tokenUrl: 'https://{region}.acme.example/' })).toThrow(ConnectionError);
    expect(() => withRules(preset, { tokenUrl: 'https://{region}.acme.example/' })).toThrow(
      /rules\.tokenUrl: holds "\{region\}", which is not among the placeholders/,
    );
  });

  test('have no defaults of their own: what is not written is not there', () => {
    const written = { request: { method: 'GET' }, refreshToken: {} };
    expect(connectionRulesSchema.parse(written)).toEqual(written);
    expect(connectionRulesSchema.parse({})).toEqual({});
  });

  test.each([
    ['a key that nobody knows', { respond: {} }],
    ['one inside a section', { response: { expiresIn: 'ms' } }],
    ['a preset’s own fields', { id: 'x' }],
    ['a value that cannot be', { request: { method: 'PATCH' } }],
    ['an endpoint without TLS', { refreshUrl: 'http://acme.example/refresh' }],
  ])('%s is refused', (_, rules) => {
    expect(connectionRulesSchema.safeParse(rules).success).toBe(false);
  });
});

describe('a connection with rules', () => {
  const resolved = async (connection: object) => {
    const definition = declared(connection);
    return resolveConnection('crm', definition, await presetOf(definition, async () => preset));
  };

  test('is resolved with them', async () => {
    const rules = { response: { path: ['data'] }, accessToken: { endsPrevious: true } };
    expect(await resolved({ rules })).toMatchObject({
      tokenUrl: 'https://we.acme.example/token',
      response: { path: ['data'] },
      accessToken: { endsPrevious: true },
    });
  });

  test('may fill its placeholders into parameters and headers too', async () => {
    const { request } = await resolved({
      rules: {
        request: { headers: { 'x-tenant': '{tenant}' }, parametersByGrant: { a: { sub: 'of-{tenant}' } } },
      },
    });
    expect(request.headers).toEqual({ 'x-version': '1', 'x-tenant': 'we' });
    expect(request.parametersByGrant).toEqual({ a: { sub: 'of-we' } });
  });

  test('leaves alone what is filled in when the request is built', async () => {
    const { request } = await resolved({
      rules: { request: { headers: { 'x-id': '{credential.client_id} {uuid}' } } },
    });
    expect(request.headers['x-id']).toBe('{credential.client_id} {uuid}');
  });

  test('a value of a placeholder never opens another', async () => {
    const loose = { ...preset.placeholders, tenant: { ...preset.placeholders['tenant'], pattern: '.*' } };
    const open = { ...preset, placeholders: loose } as ProviderPreset;
    const definition = declared({ placeholders: { tenant: '{credential.client_secret}' } });
    expect(() => resolveConnection('crm', definition, open)).toThrow(/is no tenant of Acme/);
  });

  test('needs no preset at all', async () => {
    const definition = parseConnection(
      { tokenUrl: 'https://idp.example.com/token', credentials: 'a', rules: { grants: ['refresh_token'] } },
      'crm',
    );
    const bent = await presetOf(definition, async () => undefined);
    expect(resolveConnection('crm', definition, bent).grants).toEqual(['refresh_token']);
    expect(bent.id).toBe(RFC_PRESET.id);
  });

  test('a refresh URL of its own goes with a token URL of its own; the preset’s does not', async () => {
    const tokenUrl = 'https://idp.example.com/token';
    const bent = await resolved({ tokenUrl, rules: { refreshUrl: 'https://idp.example.com/refresh' } });
    expect(bent).toMatchObject({ tokenUrl, refreshUrl: 'https://idp.example.com/refresh' });
    expect(bent.origins).toEqual(['https://idp.example.com']);
  });

  test('a preset that this version does not have is said to be missing', async () => {
    await expect(presetOf(declared({}), async () => undefined)).rejects.toThrow(/no provider preset "acme"/);
  });

  test.each([
    [
      'parameters',
      { request: { parameters: { client_secret: 'x' } } },
      'rules.request.parameters.client_secret',
    ],
    [
      'parameters of a grant',
      { request: { parametersByGrant: { password: { password: 'x' } } } },
      'rules.request.parametersByGrant.password.password',
    ],
    [
      'headers',
      { request: { headers: { Authorization: 'Bearer x' } } },
      'rules.request.headers.Authorization',
    ],
  ])('a secret has no place in its %s, and is not repeated', (_, rules, path) => {
    expect(() => declared({ rules })).toThrow(`${path}: must not stand here: put it into the secret`);
  });

  test.each([
    ['refreshUrl', 'https://user:pass@idp.example.com/', /must not hold a user name or password/],
    ['tokenUrl', 'https://idp.example.com/?client_secret=x', /must not have "client_secret" in its query/],
    ['tokenUrl', 'https://\u0131dp.example.com/', /leads to the host/],
    ['issuer', 'https://{tenant}.example.com/#x', /must not have a fragment/],
  ])('its %s %j is judged as an endpoint of its own is', (key, url, message) => {
    expect(() => declared({ rules: { [key]: url } })).toThrow(message);
  });

  test('a template that names the secret has', () => {
    const rules = { request: { headers: { 'x-api-key': '{credential.api_key}' } } };
    expect(declared({ rules }).rules).toEqual(rules);
  });
});
