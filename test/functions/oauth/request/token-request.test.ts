import { describe, expect, it } from 'vitest';
import { identityRulesSchema } from '../../../../functions/oauth/assertion-rules.ts';
import { DEVICE_CODE } from '../../../../functions/oauth/grant-type.ts';
import {
  buildTokenRequest,
  type TokenRequestInput,
} from '../../../../functions/oauth/request/token-request.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { KEYS } from '../../../support/signing-keys.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';

const context = { now: () => 1_700_000_000_000, uuid: () => 'uuid-1' };
const build = (input: TokenRequestInput) => buildTokenRequest(input, context);

async function parameters(input: TokenRequestInput): Promise<[string, string][]> {
  const { body } = await build(input);
  return [...new URLSearchParams(body?.reveal() ?? '')];
}

const post = { clientAuthentication: 'client_secret_post' } as const;
const none = { clientAuthentication: 'none' } as const;

describe('what cannot be sent', () => {
  it.each([
    ['refresh_token', {}, 'missing_refresh_token'],
    ['refresh_token', { refresh_token: new Secret('') }, 'missing_refresh_token'],
    ['password', { credentials: { client_id: 'c', client_secret: fakeSecret('s') } }, 'missing_username'],
    ['password', { credentials: { client_id: 'c', username: 'u' } }, 'missing_password'],
    ['authorization_code', {}, 'missing_code'],
    [DEVICE_CODE, {}, 'missing_device_code'],
    ['client_credentials', { credentials: { client_id: 'c' } }, 'missing_client_secret'],
    ['client_credentials', { credentials: { client_secret: fakeSecret('s') } }, 'missing_client_id'],
  ])('%s without its credential names the field (%#)', async (grantType, input, code) => {
    const error = await tokenErrorOf(() => build(tokenInput({ grantType, ...input })));
    expect(error).toMatchObject({ kind: 'configuration', code });
    expect(error.message).toContain(`"${code.replace('missing_', '')}"`);
  });

  it.each([
    ['x-note', 'line\r\nset-cookie: injected'],
    ['x-note', 'line\nbreak'],
    ['x-note', 'nul\0'],
    ['x note', 'space in the name'],
    ['x-note\r\nx-more', 'break in the name'],
    ['Authorization', 'Bearer preset'],
    ['Content-Length', '0'],
    ['Transfer-Encoding', 'chunked'],
    ['Host', 'elsewhere.example'],
    ['Accept-Encoding', 'gzip'],
  ])('the header %j of a preset is refused by its name', async (name, value) => {
    const error = await tokenErrorOf(() => build(tokenInput({ request: { headers: { [name]: value } } })));
    expect(error).toMatchObject({ kind: 'configuration', code: 'invalid_header' });
    expect(error.message).toContain(JSON.stringify(name));
  });
});

describe('templates', () => {
  const credentials = {
    client_id: 'client-1',
    client_secret: fakeSecret('client-secret'),
    fields: { account: fakeSecret('account'), line: new Secret('a\r\nb') },
  };

  it('are filled in wherever parameters stand, each value of several', async () => {
    const request = {
      ...none,
      parameters: { account: '{credential.account}', resource: ['{tokenHost}', 'x'] },
      parametersByGrant: { client_credentials: { id: '{uuid}' } },
    };
    expect(await parameters(tokenInput({ request, credentials }))).toEqual([
      ['grant_type', 'client_credentials'],
      ['client_id', 'client-1'],
      ['account', canarySecret('account')],
      ['resource', 'idp.example.com'],
      ['resource', 'x'],
      ['id', 'uuid-1'],
    ]);
  });

  it('of what is not sent need not be known', async () => {
    const sendOnly = { client_credentials: ['grant_type'] };
    const request = { ...none, sendOnly, parameters: { account: '{credential.nobody}' } };
    expect(await parameters(tokenInput({ request, credentials }))).toEqual([
      ['grant_type', 'client_credentials'],
    ]);
  });

  it('are filled in in headers, of which those with a credential are wrapped', async () => {
    const headers = { 'X-Account': 'a {credential.account}', 'X-Host': '{tokenHost}' };
    const request = await build(tokenInput({ request: { headers }, credentials }));
    expect(request.headers['x-host']).toBe('idp.example.com');
    expect(request.headers['x-account']).toEqual(expect.any(Secret));
    expect(String((request.headers['x-account'] as Secret).reveal())).toBe(`a ${canarySecret('account')}`);
    expect(request.secrets).toContainEqual(credentials.fields.account);
    expect(JSON.stringify(request)).not.toContain('CANARY');
  });

  it('may be the Authorization header, which tells who asks', async () => {
    const headers = { Authorization: 'Token {credential.account}' };
    const sendOnly = { client_credentials: ['grant_type'] };
    const request = await build(tokenInput({ request: { ...none, headers, sendOnly }, credentials }));
    expect((request.headers['authorization'] as Secret).reveal()).toBe(`Token ${canarySecret('account')}`);
    expect(request.identifiesClient).toBe(true);
  });

  it.each([
    ['Authorization', 'Bearer {tokenHost}', 'invalid_header'],
    ['Content-Type', '{credential.account}', 'invalid_header'],
    ['X-Note', '{credential.line}', 'invalid_header'],
    ['X-Note', '{assertion}', 'unknown_template'],
    ['X-Note', '{nothing}', 'unknown_template'],
  ])('make no header of %s: %s', async (name, value, code) => {
    const request = { ...none, headers: { [name]: value } };
    const error = await tokenErrorOf(() => build(tokenInput({ request, credentials })));
    expect(error).toMatchObject({ kind: 'configuration', code });
    expect(error.message).toContain(`"${name}"`);
    expect(error.message).not.toContain('CANARY');
  });
});

describe('the scope', () => {
  const asked = { defaultScope: 'a b', scopeSeparator: ',' };
  const refresh = { grantType: 'refresh_token', refresh_token: fakeSecret('refresh') };
  const scopeOf = async (input: Parameters<typeof tokenInput>[0]) =>
    (await parameters(tokenInput(input))).find(([name]) => name === 'scope')?.[1];

  it('of the rules is asked for where a connection declares none, and not on refresh', async () => {
    expect(await scopeOf({ request: asked })).toBe('a,b');
    expect(await scopeOf({ request: asked, scope: 'c d' })).toBe('c,d');
    expect(await scopeOf({ request: asked, ...refresh })).toBeUndefined();
    expect(await scopeOf({ request: asked, ...refresh, scope: 'c' })).toBe('c');
  });

  it.each([
    ['is signed', { clientAuthentication: 'private_key_jwt' }, {}, undefined],
    ['is not, since a secret authenticates', {}, {}, 'a'],
    [
      'is not, since the role’s own token takes its place',
      { clientAuthentication: 'private_key_jwt' },
      { identity: identityRulesSchema.parse({ use: 'client', audience: 'api' }) },
      'a',
    ],
  ] as const)('is no parameter where the assertion says it, and that %s', async (_, rules, more, sent) => {
    const assertion = { use: 'client', claims: { scope: '{scope}' } } as const;
    const credentials = { client_id: 'c', client_secret: fakeSecret('s'), private_key: KEYS.p256.pem };
    const input = tokenInput({ request: { ...rules, assertion }, credentials, scope: 'a', ...more });
    const built = await buildTokenRequest(input, {
      ...context,
      identityToken: async () => fakeSecret('identity'),
    });
    expect(new URLSearchParams(built.body?.reveal()).get('scope') ?? undefined).toBe(sent);
  });

  it('is the same in a template', async () => {
    const request = { ...asked, parameters: { also: '{scope}' } };
    expect(await parameters(tokenInput({ request }))).toContainEqual(['also', 'a,b']);
  });
});

describe('grants', () => {
  it('client_credentials sends its type and the declared scope', async () => {
    expect(await parameters(tokenInput({ scope: 'read  write' }))).toEqual([
      ['grant_type', 'client_credentials'],
      ['scope', 'read write'],
    ]);
  });

  it('refresh_token sends the token, and a scope only when one is declared', async () => {
    const input = { grantType: 'refresh_token', refresh_token: fakeSecret('refresh') };
    expect(await parameters(tokenInput(input))).toEqual([
      ['grant_type', 'refresh_token'],
      ['refresh_token', canarySecret('refresh')],
    ]);
    expect(await parameters(tokenInput({ ...input, scope: 'read' }))).toContainEqual(['scope', 'read']);
  });

  it('password sends user name and password', async () => {
    const credentials = { client_id: 'c', username: 'someone', password: fakeSecret('password') };
    expect(await parameters(tokenInput({ grantType: 'password', credentials, request: none }))).toEqual([
      ['grant_type', 'password'],
      ['username', 'someone'],
      ['password', canarySecret('password')],
      ['client_id', 'c'],
    ]);
  });

  it('authorization_code sends the code, where it came to, and the PKCE verifier, but no scope', async () => {
    const input = tokenInput({
      grantType: 'authorization_code',
      code: fakeSecret('code'),
      redirect_uri: 'http://127.0.0.1:8123/callback',
      code_verifier: fakeSecret('verifier'),
      scope: 'read',
    });
    expect(await parameters(input)).toEqual([
      ['grant_type', 'authorization_code'],
      ['code', canarySecret('code')],
      ['redirect_uri', 'http://127.0.0.1:8123/callback'],
      ['code_verifier', canarySecret('verifier')],
    ]);
  });

  it('authorization_code does without a PKCE verifier where there is none', async () => {
    const input = tokenInput({ grantType: 'authorization_code', code: fakeSecret('code') });
    expect(await parameters(input)).toEqual([
      ['grant_type', 'authorization_code'],
      ['code', canarySecret('code')],
    ]);
  });

  it('the device grant sends the device code, but no scope (RFC 8628 section 3.4)', async () => {
    const input = { grantType: DEVICE_CODE, device_code: fakeSecret('device'), scope: 'read' };
    expect(await parameters(tokenInput(input))).toEqual([
      ['grant_type', 'urn:ietf:params:oauth:grant-type:device_code'],
      ['device_code', canarySecret('device')],
    ]);
  });

  it('any other grant type goes by its name with the parameters declared for it', async () => {
    const request = { parametersByGrant: { account_credentials: { account_id: 'a1' } } };
    expect(await parameters(tokenInput({ grantType: 'account_credentials', request }))).toEqual([
      ['grant_type', 'account_credentials'],
      ['account_id', 'a1'],
    ]);
  });
});

describe('parameters', () => {
  it('only those of sendOnly are sent, the grant type and the client among them', async () => {
    const request = {
      ...none,
      parameters: { audience: 'x' },
      sendOnly: { refresh_token: ['refresh_token', 'grant_type'], password: ['username', 'password'] },
    };
    const credentials = { client_id: 'c', username: 'someone', password: fakeSecret('password') };
    const refresh = tokenInput({
      grantType: 'refresh_token',
      refresh_token: fakeSecret('r'),
      credentials,
      request,
      scope: 's',
    });
    expect(await parameters(refresh)).toEqual([
      ['grant_type', 'refresh_token'],
      ['refresh_token', canarySecret('r')],
    ]);
    expect((await build(refresh)).identifiesClient).toBe(false);
    expect(await parameters(tokenInput({ grantType: 'password', credentials, request }))).toEqual([
      ['username', 'someone'],
      ['password', canarySecret('password')],
    ]);
  });

  it('a client that sendOnly leaves out need not be known', async () => {
    const request = { ...none, sendOnly: { refresh_token: ['refresh_token'] } };
    const input = tokenInput({
      grantType: 'refresh_token',
      refresh_token: fakeSecret('r'),
      credentials: {},
      request,
    });
    expect(await parameters(input)).toEqual([['refresh_token', canarySecret('r')]]);
  });

  it('renames by the provider, also those of the client', async () => {
    const request = { ...post, parameterNames: { client_id: 'client_key', grant_type: 'type' } };
    expect(await parameters(tokenInput({ request }))).toEqual([
      ['type', 'client_credentials'],
      ['client_key', 'client-1'],
      ['client_secret', canarySecret('client-secret')],
    ]);
  });

  it('two that meet in one name are sent once, the fixed one', async () => {
    const request = { parameterNames: { grant_type: 'type' }, parameters: { type: 'fixed' } };
    expect(await parameters(tokenInput({ request }))).toEqual([['type', 'fixed']]);
  });

  it('one declared with several values is repeated, and the grant type’s own come after the general', async () => {
    const request = {
      parameters: { resource: ['https://a.example', 'https://b.example'], audience: 'general' },
      parametersByGrant: { client_credentials: { audience: 'special' } },
    };
    expect(await parameters(tokenInput({ request }))).toEqual([
      ['grant_type', 'client_credentials'],
      ['resource', 'https://a.example'],
      ['resource', 'https://b.example'],
      ['audience', 'special'],
    ]);
  });

  it('empty values are omitted, and nothing is trimmed', async () => {
    const request = { ...post, parameters: { empty: '', list: ['', 'x'], none: [] } };
    const credentials = { client_id: 'c', client_secret: new Secret(`  ${canarySecret('spaced')}\n`) };
    expect(await parameters(tokenInput({ request, credentials, scope: '' }))).toEqual([
      ['grant_type', 'client_credentials'],
      ['client_id', 'c'],
      ['client_secret', `  ${canarySecret('spaced')}\n`],
      ['list', 'x'],
    ]);
  });

  it('a value cannot add a parameter', async () => {
    const request = { parameters: { audience: 'x&grant_type=password\r\n' } };
    expect(await parameters(tokenInput({ request }))).toEqual([
      ['grant_type', 'client_credentials'],
      ['audience', 'x&grant_type=password\r\n'],
    ]);
  });

  it('scope values are joined as the provider wants', async () => {
    const request = { scopeSeparator: ',' };
    expect(await parameters(tokenInput({ request, scope: 'read write' }))).toContainEqual([
      'scope',
      'read,write',
    ]);
  });

  it('names of Object’s own are names like any other', async () => {
    const input = tokenInput({ grantType: 'constructor', request: { parameters: { toString: 'x' } } });
    expect(await parameters(input)).toEqual([
      ['grant_type', 'constructor'],
      ['toString', 'x'],
    ]);
  });
});

describe('the client', () => {
  const leftOut = { sendOnly: { client_credentials: ['grant_type'] } };

  it.each([
    ['client_secret_basic', {}, true],
    ['client_secret_basic', leftOut, true],
    ['client_secret_post', {}, true],
    ['none', {}, true],
    ['client_secret_post', leftOut, false],
    ['none', leftOut, false],
  ] as const)('is named with %s and %j: %s', async (clientAuthentication, rules, named) => {
    const { identifiesClient } = await build(tokenInput({ request: { clientAuthentication, ...rules } }));
    expect(identifiesClient).toBe(named);
  });
});

describe('the message', () => {
  it('is a form with a bare content type, asks for JSON and says who asks', async () => {
    const request = await build(tokenInput({ request: { ...post, headers: { 'X-Merchant-Id': 'm' } } }));
    expect(request.method).toBe('POST');
    expect(request.headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': expect.stringMatching(/^evertoken\/\d/),
      'x-merchant-id': 'm',
    });
  });

  it.each([
    ['X-Note', 'two words,\tand a tab'],
    ['X-Note', 'caf\u00e9'],
    ['X-Note', ''],
    ['X-Forwarded-Host', 'shop.example.com'],
    ['Accept', 'application/vnd.example+json'],
  ])('carries the header %s: %j of a preset', async (name, value) => {
    const { headers } = await build(tokenInput({ request: { headers: { [name]: value } } }));
    expect(headers[name.toLowerCase()]).toBe(value);
  });

  it('is JSON where the provider wants it', async () => {
    const input = tokenInput({
      request: { ...post, bodyFormat: 'json', parameters: { resource: ['a', 'b'] } },
    });
    const { headers, body } = await build(input);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body?.reveal() ?? '')).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client-1',
      client_secret: canarySecret('client-secret'),
      resource: ['a', 'b'],
    });
  });

  it.each([
    ['https://idp.example.com/token', 'https://idp.example.com/token?'],
    ['https://idp.example.com/token/', 'https://idp.example.com/token/?'],
    ['https://idp.example.com/token?request=token', 'https://idp.example.com/token?request=token&'],
    ['https://idp.example.com/token?', 'https://idp.example.com/token?'],
  ])('puts everything into the query of %s', async (tokenUrl, start) => {
    for (const rules of [{ parameterLocation: 'query' }, { method: 'GET' }] as const) {
      const request = await build(tokenInput({ tokenUrl, request: { ...post, ...rules } }));
      expect(request.url.reveal()).toBe(
        `${start}grant_type=client_credentials&client_id=client-1&client_secret=${canarySecret('client-secret')}`,
      );
      expect(request.body).toBeUndefined();
      expect(request.headers).not.toHaveProperty('content-type');
    }
  });

  it('has no body, no parameters and no content type where the rules say so, and asks for no credential', async () => {
    const request = {
      ...post,
      bodyFormat: 'none',
      parameters: { audience: '{credential.nobody}' },
      headers: { 'x-api-key': '{credential.key}' },
    } as const;
    const credentials = { fields: { key: fakeSecret('key') } };
    const built = await build(tokenInput({ request, credentials, scope: 'a' }));
    expect(built.url.reveal()).toBe('https://idp.example.com/oauth2/token');
    expect(built).not.toHaveProperty('body');
    expect(Object.keys(built.headers)).toEqual(['accept', 'user-agent', 'x-api-key']);
    expect([built.method, built.identifiesClient]).toEqual(['POST', false]);
  });

  it('leaves the URL as it is where there is nothing to put into the query', async () => {
    const tokenUrl = 'https://idp.example.com/token';
    const sendOnly = { client_credentials: [] };
    const { url } = await build(tokenInput({ tokenUrl, request: { method: 'GET', sendOnly } }));
    expect(url.reveal()).toBe(tokenUrl);
  });

  it.each(['https://idp.example.com/token/', 'https://idp.example.com/a%20b?request=token'])(
    'leaves the URL %s as it is',
    async (tokenUrl) => {
      expect((await build(tokenInput({ tokenUrl }))).url.reveal()).toBe(tokenUrl);
    },
  );

  it('shows no secret when it is printed', async () => {
    const request = await build(
      tokenInput({ request: { ...post, parameterLocation: 'query' }, credentials: tokenInput().credentials }),
    );
    expect(JSON.stringify(request)).not.toContain(canarySecret('client-secret'));
  });
});
