import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlashIdServer, startSlashId } from '../../../local/providers/slashid.ts';
import { CANARY, canarySecret } from '../../support/canary.ts';
import { HandClock } from '../support/hand-clock.ts';
import { basic, getWithBearer, postForm } from '../support/token-request.ts';

const clientId = 'slashid client';
const clientSecret = canarySecret('slashid+secret/%');
const options = { lifetimeSeconds: 45, clientId, clientSecret, mark: canarySecret('slashid') };
const formEncode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
const authenticated = basic(formEncode(clientId), formEncode(clientSecret));

let clock: HandClock;
let slashid: SlashIdServer;

beforeEach(async () => {
  clock = new HandClock();
  slashid = await startSlashId({ ...options, clock });
});
afterEach(() => slashid.close());

const envelope = (message: unknown) => ({
  meta: { pagination: { limit: 0, offset: 0, total_count: 0 } },
  errors: [{ httpcode: expect.any(Number), message }],
});

describe('client credentials', () => {
  it.each([
    ['as they are', basic(clientId, clientSecret)],
    ['form-encoded', authenticated],
  ])('authenticate with HTTP Basic, %s', async (_, headers) => {
    const { status, json } = await postForm(
      slashid.tokenUrl,
      { grant_type: 'client_credentials', scope: 'a b' },
      headers,
    );
    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.any(String),
      expires_in: 45,
      scope: 'a b',
      token_type: 'bearer',
    });
    expect(json.access_token).toContain(CANARY);
  });

  it.each([
    [
      'the secret in the body',
      { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
      {},
      403,
    ],
    ['no authentication', { grant_type: 'client_credentials' }, {}, 403],
    ['a wrong secret', { grant_type: 'client_credentials' }, basic(clientId, 'wrong'), 403],
    ['an audience', { grant_type: 'client_credentials', audience: 'x' }, authenticated, 400],
    [
      'a client id in the body',
      { grant_type: 'client_credentials', client_id: clientId },
      authenticated,
      400,
    ],
    ['no grant type', { scope: 'a' }, authenticated, 400],
  ])('refuse %s', async (_, parameters, headers, status) => {
    const answer = await postForm(slashid.tokenUrl, parameters as Record<string, string>, headers);
    expect(answer).toMatchObject({ status, json: envelope(expect.any(String)) });
    expect(answer.json.errors[0].httpcode).toBe(status);
    expect(slashid.tokenEndpoint.rejected).toBe(1);
  });

  it('refuse the old secret after a change', async () => {
    slashid.setClientSecret(canarySecret('new'));
    const answer = await postForm(slashid.tokenUrl, { grant_type: 'client_credentials' }, authenticated);
    expect(answer.status).toBe(403);
  });
});

describe('refresh', () => {
  const refresh = (token: string, more = {}) =>
    postForm(slashid.tokenUrl, { grant_type: 'refresh_token', refresh_token: token, ...more }, authenticated);

  it('omits the refresh token, which stays good', async () => {
    const token = slashid.mintRefreshToken();
    for (const _ of [1, 2]) {
      const { status, json } = await refresh(token);
      expect(status).toBe(200);
      expect(json).not.toHaveProperty('refresh_token');
    }
  });

  it('replaces the refresh token where told to', async () => {
    const rotating = await startSlashId({ ...options, clock, rotateRefreshTokens: true });
    try {
      const spend = (token: string) =>
        postForm(rotating.tokenUrl, { grant_type: 'refresh_token', refresh_token: token }, authenticated);
      const first = rotating.mintRefreshToken();
      const second = (await spend(first)).json.refresh_token;
      expect((await spend(first)).status).toBe(400);
      expect((await spend(second)).status).toBe(200);
    } finally {
      await rotating.close();
    }
  });

  it('may narrow the scope and not widen it', async () => {
    const token = slashid.mintRefreshToken('offline_access read write');
    expect((await refresh(token, { scope: 'read' })).json.scope).toBe('read');
    expect((await refresh(token, { scope: 'read admin' })).status).toBe(400);
  });

  it('refuses a client id in the body', async () => {
    expect((await refresh(slashid.mintRefreshToken(), { client_id: clientId })).status).toBe(400);
  });

  it('with a dead token gives no OAuth error code', async () => {
    const token = slashid.mintRefreshToken();
    slashid.killRefreshTokens();
    const answer = await refresh(token);
    expect(answer).toMatchObject({ status: 400, json: envelope('the refresh token is not valid') });
    expect(answer.json).not.toHaveProperty('error');
  });
});

describe('authorization code', () => {
  const redirectUri = 'http://127.0.0.1:8123/callback';
  const verifier = 'v'.repeat(43);
  const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
  const request = (code: string) => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: clientId,
  });

  it.each([
    ['HTTP Basic', {}, authenticated],
    ['the secret in the body', { client_secret: clientSecret }, {}],
  ])('is exchanged with %s and the PKCE verifier', async (_, more, headers) => {
    const code = slashid.authorize({ redirectUri, codeChallenge });
    const { status, json } = await postForm(
      slashid.tokenUrl,
      { ...request(code), code_verifier: verifier, ...more },
      headers as Record<string, string>,
    );
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'bearer', refresh_token: expect.any(String) });
  });

  it('brings no refresh token without offline_access', async () => {
    const code = slashid.authorize({ redirectUri, scope: 'openid' });
    const { status, json } = await postForm(slashid.tokenUrl, request(code), authenticated);
    expect(status).toBe(200);
    expect(json).not.toHaveProperty('refresh_token');
  });

  it.each([
    ['twice-authenticated', { code_verifier: verifier, client_secret: clientSecret }, 400],
    ['without its verifier', {}, 400],
    ['with a wrong verifier', { code_verifier: 'w'.repeat(43) }, 400],
    ['under the name that RFC 7636 does not have', { code_challenge: codeChallenge }, 400],
    ['with another redirect URI', { code_verifier: verifier, redirect_uri: 'http://127.0.0.1:1/' }, 400],
    ['for another client', { code_verifier: verifier, client_id: 'other' }, 403],
  ])('is refused %s', async (_, more, status) => {
    const code = slashid.authorize({ redirectUri, codeChallenge });
    const parameters: Record<string, string> = { ...request(code), ...more };
    expect((await postForm(slashid.tokenUrl, parameters, authenticated)).status).toBe(status);
  });

  it('is good once and for a minute', async () => {
    const used = slashid.authorize({ redirectUri });
    await postForm(slashid.tokenUrl, request(used), authenticated);
    expect((await postForm(slashid.tokenUrl, request(used), authenticated)).status).toBe(400);
    const late = slashid.authorize({ redirectUri });
    await clock.advance(60_000);
    expect((await postForm(slashid.tokenUrl, request(late), authenticated)).status).toBe(400);
  });

  it('takes the verifier under the name that the page of the documentation has, where told to', async () => {
    const other = await startSlashId({ ...options, clock, pkceParameter: 'code_challenge' });
    try {
      const code = other.authorize({ redirectUri, codeChallenge });
      const parameters = { ...request(code), code_challenge: verifier };
      expect((await postForm(other.tokenUrl, parameters, authenticated)).status).toBe(200);
    } finally {
      await other.close();
    }
  });
});

it('accepts an access token until the instant of its expiry', async () => {
  const { json } = await postForm(slashid.tokenUrl, { grant_type: 'client_credentials' }, authenticated);
  await clock.advance(44_999);
  expect((await getWithBearer(slashid.protectedUrl, json.access_token)).status).toBe(200);
  await clock.advance(1);
  expect((await getWithBearer(slashid.protectedUrl, json.access_token)).status).toBe(401);
});
