import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startKajabi } from '../../../local/providers/kajabi.ts';
import type { ProviderServer } from '../../../local/providers/provider-server.ts';
import { CANARY, canarySecret } from '../../support/canary.ts';
import { HandClock } from '../support/hand-clock.ts';
import { basic, getWithBearer, postForm } from '../support/token-request.ts';

const clientId = 'kajabi-client';
const clientSecret = canarySecret('kajabi-client-secret');
const user = { username: 'demo@example.com', password: canarySecret('kajabi-password') };
const byClient = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };

let clock: HandClock;
let kajabi: ProviderServer;

beforeEach(async () => {
  clock = new HandClock();
  kajabi = await startKajabi({
    clock,
    lifetimeSeconds: 45,
    clientId,
    clientSecret,
    user,
    mark: canarySecret('kajabi'),
  });
});
afterEach(() => kajabi.close());

const refresh = (token: string) =>
  postForm(kajabi.tokenUrl, { grant_type: 'refresh_token', refresh_token: token });

describe('what the documentation does not name is refused', () => {
  it.each([
    ['a scope with client credentials', { ...byClient, scope: 'all' }],
    ['a client id with refresh', { grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId }],
    ['a grant type with user name and password', { ...user, grant_type: 'password' }],
    ['a client id with user name and password', { ...user, client_id: clientId }],
    ['a missing client secret', { grant_type: 'client_credentials', client_id: clientId }],
    ['an empty parameter', { ...byClient, client_secret: '' }],
    ['a parameter that comes twice', `${new URLSearchParams(byClient)}&client_id=${clientId}`],
  ])('%s', async (_, parameters) => {
    const answer = await postForm(kajabi.tokenUrl, parameters);
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect(kajabi.tokenEndpoint.rejections).toHaveLength(1);
  });

  it('an unknown grant type', async () => {
    const answer = await postForm(kajabi.tokenUrl, { grant_type: 'authorization_code', code: 'x' });
    expect(answer).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } });
  });

  it('an Authorization header at the token endpoint', async () => {
    const answer = await postForm(kajabi.tokenUrl, byClient, basic(clientId, clientSecret));
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });

  it.each(['application/json', 'application/x-www-form-urlencoded;charset=UTF-8'])(
    'a body of type %s',
    async (type) => {
      const answer = await postForm(kajabi.tokenUrl, byClient, { 'Content-Type': type });
      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    },
  );

  it('parameters in the query string', async () => {
    const answer = await postForm(`${kajabi.tokenUrl}?grant_type=client_credentials`, byClient);
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });

  it('without ever naming a value', async () => {
    await postForm(kajabi.tokenUrl, { ...byClient, extra: canarySecret('extra') });
    expect(JSON.stringify(kajabi.tokenEndpoint.rejections)).not.toContain(CANARY);
  });
});

describe('client credentials', () => {
  it('answer with a pair whose refresh token is a JWT that says when it ends', async () => {
    const { status, json, headers } = await postForm(kajabi.tokenUrl, byClient);
    expect(status).toBe(200);
    expect(Object.keys(json).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type']);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 45 });
    expect(decodeJwt(json.refresh_token).exp).toBe(clock.now() / 1000 + 45 * 40);
    expect(headers.get('cache-control')).toBe('no-store');
    for (const token of [json.access_token, json.refresh_token]) expect(token).toContain(CANARY);
  });

  it('with a wrong secret are refused as invalid_client', async () => {
    kajabi.setClientSecret(canarySecret('another'));
    const answer = await postForm(kajabi.tokenUrl, byClient);
    expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
  });
});

describe('the refresh token', () => {
  it('is good once: a refresh brings another', async () => {
    const first = await postForm(kajabi.tokenUrl, byClient);
    const second = await refresh(first.json.refresh_token);
    expect(second.status).toBe(200);
    expect(second.json.refresh_token).not.toBe(first.json.refresh_token);
    expect(await refresh(first.json.refresh_token)).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    });
    expect((await refresh(second.json.refresh_token)).status).toBe(200);
  });

  it('that came with a user name and password may not refresh', async () => {
    const { status, json } = await postForm(kajabi.tokenUrl, user);
    expect(status).toBe(200);
    expect((await getWithBearer(kajabi.protectedUrl, json.access_token)).status).toBe(200);
    expect(await refresh(json.refresh_token)).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    });
  });

  it.each([
    ['a millisecond before its exp is good', 45 * 40 * 1000 - 1, 200],
    ['at its exp is dead', 45 * 40 * 1000, 400],
  ])('%s', async (_, ms, status) => {
    const { json } = await postForm(kajabi.tokenUrl, byClient);
    await clock.advance(ms);
    expect((await refresh(json.refresh_token)).status).toBe(status);
  });

  it('can be killed; the client credentials still mint a pair', async () => {
    const { json } = await postForm(kajabi.tokenUrl, byClient);
    kajabi.killRefreshTokens();
    expect((await refresh(json.refresh_token)).status).toBe(400);
    expect((await postForm(kajabi.tokenUrl, byClient)).status).toBe(200);
  });
});

it('takes grant_type=password where told that the example of the documentation is right', async () => {
  const other = await startKajabi({
    clock,
    lifetimeSeconds: 45,
    clientId,
    clientSecret,
    user,
    passwordTakesGrantType: true,
  });
  try {
    expect((await postForm(other.tokenUrl, { ...user, grant_type: 'password' })).status).toBe(200);
    expect((await postForm(other.tokenUrl, user)).status).toBe(400);
  } finally {
    await other.close();
  }
});

describe('the access token', () => {
  it('opens /v1/me until the instant of its expiry', async () => {
    const { json } = await postForm(kajabi.tokenUrl, byClient);
    await clock.advance(44_999);
    expect((await getWithBearer(kajabi.protectedUrl, json.access_token)).status).toBe(200);
    await clock.advance(1);
    expect(await getWithBearer(kajabi.protectedUrl, json.access_token)).toMatchObject({
      status: 401,
      json: { errors: [{ status: '401', title: 'Unauthorized' }] },
    });
  });

  it.each(['access_token', 'refresh_token'])('dies with its pair when the %s is revoked', async (which) => {
    const { json } = await postForm(kajabi.tokenUrl, byClient);
    const bearer = { Authorization: `Bearer ${json.access_token}` };
    const answer = await postForm(`${kajabi.origin}/v1/oauth/revoke`, { token: json[which] }, bearer);
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect((await getWithBearer(kajabi.protectedUrl, json.access_token)).status).toBe(401);
    expect((await refresh(json.refresh_token)).status).toBe(400);
  });

  it('is needed to revoke', async () => {
    const { json } = await postForm(kajabi.tokenUrl, byClient);
    expect((await postForm(`${kajabi.origin}/v1/oauth/revoke`, { token: json.access_token })).status).toBe(
      401,
    );
    expect((await getWithBearer(kajabi.protectedUrl, json.access_token)).status).toBe(200);
  });
});

describe('faults', () => {
  it('answer in place of the server, and spend nothing', async () => {
    const { json } = await postForm(kajabi.tokenUrl, byClient);
    kajabi.tokenEndpoint.failNext({ kind: 'answer', status: 503, headers: { 'Retry-After': '7' } });
    const failed = await refresh(json.refresh_token);
    expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '7']);
    expect((await refresh(json.refresh_token)).status).toBe(200);
    expect(kajabi.tokenEndpoint).toMatchObject({ tokenRequests: 3, rejected: 0 });
  });

  it('cut the connection before the token is spent', async () => {
    const { json } = await postForm(kajabi.tokenUrl, byClient);
    kajabi.tokenEndpoint.failNext({ kind: 'drop-request' });
    await expect(refresh(json.refresh_token)).rejects.toThrow();
    expect((await refresh(json.refresh_token)).status).toBe(200);
  });

  it('cut the connection after the token is spent', async () => {
    const { json } = await postForm(kajabi.tokenUrl, byClient);
    kajabi.tokenEndpoint.failNext({ kind: 'lose-answer' });
    await expect(refresh(json.refresh_token)).rejects.toThrow();
    expect((await refresh(json.refresh_token)).status).toBe(400);
  });

  it('delay an answer by the clock', async () => {
    kajabi.tokenEndpoint.failNext({ kind: 'delay', ms: 10_000 });
    const answer = postForm(kajabi.tokenUrl, byClient);
    await expect.poll(() => clock.sleeping).toBe(1);
    await clock.advance(10_000);
    expect((await answer).status).toBe(200);
  });

  it('that did not happen yet can be called off', async () => {
    kajabi.tokenEndpoint.failNext({ kind: 'answer', status: 500 }, 3);
    expect((await postForm(kajabi.tokenUrl, byClient)).status).toBe(500);
    kajabi.tokenEndpoint.clearFaults();
    expect((await postForm(kajabi.tokenUrl, byClient)).status).toBe(200);
  });
});

it('answers unknown paths in the shape of the rest of the API', async () => {
  expect(await getWithBearer(`${kajabi.origin}/v1/oauth/token`, 'x')).toMatchObject({
    status: 404,
    json: { errors: [{ status: '404', title: 'Not Found', detail: 'No such path' }] },
  });
});
