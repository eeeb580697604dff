import { describe, expect, it } from 'vitest';
import {
  buildTokenRequest,
  type TokenRequestInput,
} from '../../../../functions/oauth/request/token-request.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { fakeSecret, tokenInput } from '../../../support/token-input.ts';

const context = { now: () => 0, uuid: () => 'fresh' };
const REFRESH = canarySecret('refresh');
const refreshing = { grantType: 'refresh_token', refresh_token: new Secret(REFRESH) };
const POSTED = { clientAuthentication: 'client_secret_post' } as const;

async function sent(input: Parameters<typeof tokenInput>[0]) {
  const request = await buildTokenRequest(tokenInput(input) as TokenRequestInput, context);
  const url = request.url.reveal();
  const body = request.body?.reveal() ?? '';
  return { ...request, url, body, form: new URLSearchParams(body), query: new URL(url).searchParams };
}

describe('what real token endpoints want to be sent', () => {
  it('quirk 1: an allow-listed set of parameters and no others', async () => {
    const request = { ...POSTED, sendOnly: { refresh_token: ['grant_type', 'refresh_token'] } };
    const { body } = await sent({ ...refreshing, request, scope: 'read' });
    expect(body).toBe(`grant_type=refresh_token&refresh_token=${REFRESH}`);
  });

  it('quirk 2: JSON in place of a form', async () => {
    const { body, headers } = await sent({ request: { ...POSTED, bodyFormat: 'json' } });
    expect(JSON.parse(body)).toMatchObject({ grant_type: 'client_credentials', client_id: 'client-1' });
    expect(headers['content-type']).toBe('application/json');
  });

  it('quirk 3: everything in the query, with no body; the URL is wrapped like a secret', async () => {
    const request = { ...POSTED, parameterLocation: 'query' } as const;
    const { query, body, method } = await sent({ ...refreshing, request });
    expect(query.get('refresh_token')).toBe(REFRESH);
    expect([body, method]).toEqual(['', 'POST']);
    const built = await buildTokenRequest(tokenInput({ ...refreshing, request }), context);
    expect(String(built.url)).not.toContain(REFRESH);
  });

  it('quirk 4: GET', async () => {
    const { method, query, headers } = await sent({ ...refreshing, request: { ...POSTED, method: 'GET' } });
    expect([method, query.get('refresh_token')]).toEqual(['GET', REFRESH]);
    expect(headers).not.toHaveProperty('content-type');
  });

  it('quirk 5: other names for parameters', async () => {
    const parameterNames = { client_id: 'client_key', grant_type: 'type' };
    const { form } = await sent({ request: { ...POSTED, parameterNames } });
    expect([form.get('client_key'), form.get('type')]).toEqual(['client-1', 'client_credentials']);
    expect(form.has('client_id')).toBe(false);
  });

  it('quirk 6: grant types of their own, with what belongs to them', async () => {
    const parametersByGrant = { account_credentials: { account_id: '42' } };
    const { form } = await sent({ grantType: 'account_credentials', request: { parametersByGrant } });
    expect(Object.fromEntries(form)).toEqual({ grant_type: 'account_credentials', account_id: '42' });
  });

  it('quirk 7: fixed parameters, one of which may stand there several times, and none else twice', async () => {
    const parameters = { audience: 'api', resource: ['https://a.example', 'https://b.example'] };
    const { form } = await sent({
      request: { parameters, parametersByGrant: { client_credentials: { audience: 'b' } } },
    });
    expect(form.getAll('resource')).toEqual(parameters.resource);
    expect(form.getAll('audience')).toEqual(['b']);
    expect(form.getAll('grant_type')).toHaveLength(1);
  });

  it('quirk 8: the lifetime that the client chooses', async () => {
    const { form } = await sent({ request: { parameters: { expires_in: '172800' } } });
    expect(form.get('expires_in')).toBe('172800');
  });

  it.each(['https://idp.example.com/token.php?request=token', 'https://idp.example.com/oauth/token/'])(
    'quirk 9: the URL as it is written, %s',
    async (tokenUrl) => {
      expect((await sent({ tokenUrl })).url).toBe(tokenUrl);
      const { url } = await sent({ tokenUrl, request: { parameterLocation: 'query' } });
      expect(url.startsWith(`${tokenUrl}${tokenUrl.includes('?') ? '&' : '?'}`)).toBe(true);
    },
  );

  it('quirk 10: a redirect_uri in the refresh request', async () => {
    const parametersByGrant = { refresh_token: { redirect_uri: 'http://127.0.0.1/callback' } };
    const { form } = await sent({ ...refreshing, request: { parametersByGrant } });
    expect(form.get('redirect_uri')).toBe('http://127.0.0.1/callback');
    expect((await sent({ request: { parametersByGrant } })).form.has('redirect_uri')).toBe(false);
  });

  it('quirk 11: another separator of scope values', async () => {
    const { form } = await sent({ scope: 'read write', request: { scopeSeparator: ',' } });
    expect(form.get('scope')).toBe('read,write');
  });

  it('quirk 12: no scope on refresh unless one is declared', async () => {
    const request = { defaultScope: 'all' };
    expect((await sent({ ...refreshing, request })).form.has('scope')).toBe(false);
    expect((await sent({ ...refreshing, request, scope: 'read' })).form.get('scope')).toBe('read');
    expect((await sent({ request })).form.get('scope')).toBe('all');
  });

  it('quirk 13: the live access token in the place of a refresh token', async () => {
    const request = {
      ...POSTED,
      method: 'GET',
      parameterNames: { refresh_token: 'fb_exchange_token' },
      parametersByGrant: { refresh_token: { grant_type: 'fb_exchange_token' } },
    } as const;
    const { query } = await sent({ ...refreshing, request });
    expect(query.get('grant_type')).toBe('fb_exchange_token');
    expect(query.get('fb_exchange_token')).toBe(REFRESH);
    expect(query.has('refresh_token')).toBe(false);
  });

  it('quirk 14: headers: what is accepted, who is asking, and the provider’s own', async () => {
    const { headers } = await sent({ request: { headers: { 'X-Merchant-Id': '7' } } });
    expect(headers).toMatchObject({
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^evertoken\/\d/),
      'x-merchant-id': '7',
    });
  });

  it('quirk 15: a content type without a charset', async () => {
    expect((await sent({})).headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('quirk 17: empty values are left out, and a secret is sent as it is', async () => {
    const client_secret = fakeSecret(' with blanks ');
    const { form } = await sent({
      credentials: { client_id: 'client-1', client_secret },
      request: { ...POSTED, parameters: { audience: '' } },
      scope: '',
    });
    expect([...form.keys()].sort()).toEqual(['client_id', 'client_secret', 'grant_type']);
    expect(form.get('client_secret')).toBe(client_secret.reveal());
  });
});
