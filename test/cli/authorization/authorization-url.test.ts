import { expect, it } from 'vitest';
import { type AuthorizationRequest, authorizationUrl } from '../../../cli/authorization/authorization-url.ts';

function query(fields: Partial<AuthorizationRequest> = {}): [string, string][] {
  const url = authorizationUrl({
    authorizationUrl: 'https://idp.example.com/authorize',
    clientId: 'client-1',
    redirectUri: 'http://127.0.0.1:8123/callback',
    scope: undefined,
    state: 's',
    pkce: { code_challenge: 'c', code_challenge_method: 'S256' },
    parameters: {},
    rules: { parameterNames: {}, scopeSeparator: ' ' },
    ...fields,
  });
  return [...new URL(url).searchParams];
}

const REQUIRED: [string, string][] = [
  ['response_type', 'code'],
  ['client_id', 'client-1'],
  ['redirect_uri', 'http://127.0.0.1:8123/callback'],
  ['state', 's'],
  ['code_challenge', 'c'],
  ['code_challenge_method', 'S256'],
];

it('what a preset fixes cannot take the place of what makes the sign-in safe', () => {
  const parameters = { state: 'fixed', code_challenge_method: 'plain', redirect_uri: 'https://evil.example' };
  expect(new Map(query({ parameters }))).toEqual(new Map(REQUIRED));
});

it('asks for a code with PKCE, and for no scope that is not declared', () => {
  expect(query()).toEqual(REQUIRED);
});

it("keeps a query of the endpoint's own", () => {
  expect(query({ authorizationUrl: 'https://idp.example.com/authorize?tenant=a%20b' })).toEqual([
    ['tenant', 'a b'],
    ...REQUIRED,
  ]);
});

it("writes scopes and names as the provider's rules say", () => {
  const rules = { parameterNames: { client_id: 'client_key' }, scopeSeparator: ',' };
  const parameters = new Map(query({ scope: 'user.info video.list', rules }));
  expect(parameters.get('scope')).toBe('user.info,video.list');
  expect(parameters.get('client_key')).toBe('client-1');
  expect(parameters.has('client_id')).toBe(false);
});

it('asks for consent where offline access is wanted, unless told otherwise', () => {
  const scope = 'openid offline_access';
  expect(new Map(query({ scope })).get('prompt')).toBe('consent');
  expect(new Map(query({ scope, parameters: { prompt: 'login consent' } })).get('prompt')).toBe(
    'login consent',
  );
  expect(new Map(query({ scope: 'openid' })).has('prompt')).toBe(false);
});

it('repeats a parameter that has several values (RFC 8707)', () => {
  const resource = ['https://a.example', 'https://b.example'];
  expect(query({ parameters: { resource } }).filter(([name]) => name === 'resource')).toEqual(
    resource.map((value) => ['resource', value]),
  );
});
