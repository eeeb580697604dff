import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RotatingServer, startRotating } from '../../../local/providers/rotating.ts';
import { CANARY, canarySecret } from '../../support/canary.ts';
import { HandClock } from '../support/hand-clock.ts';
import { basic, getWithBearer, postForm } from '../support/token-request.ts';

const clientId = 'rotating client';
const clientSecret = canarySecret('rotating+secret');
const formEncode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
const authenticated = basic(formEncode(clientId), formEncode(clientSecret));

let clock: HandClock;
let rotating: RotatingServer;
const printed: unknown[][] = [];
for (const method of ['log', 'info', 'warn', 'error'] as const) {
  vi.spyOn(console, method).mockImplementation((...line) => {
    printed.push(line);
  });
}

beforeEach(async () => {
  clock = new HandClock();
  rotating = await startRotating({
    clock,
    lifetimeSeconds: 45,
    clientId,
    clientSecret,
    refreshTokenLifetimeSeconds: 1000,
    mark: canarySecret('rotating'),
  });
});
afterEach(() => rotating.close());

const refresh = (token: string, headers: Record<string, string> = authenticated) =>
  postForm(rotating.tokenUrl, { grant_type: 'refresh_token', refresh_token: token }, headers);

it('replaces the refresh token at every refresh', async () => {
  const first = await rotating.mintRefreshToken();
  const one = await refresh(first);
  expect(one.status).toBe(200);
  expect(one.json).toMatchObject({ token_type: 'Bearer', expires_in: 45 });
  const two = await refresh(one.json.refresh_token);
  expect(two.status).toBe(200);
  expect(new Set([first, one.json.refresh_token, two.json.refresh_token]).size).toBe(3);
  for (const token of [first, two.json.refresh_token, two.json.access_token]) expect(token).toContain(CANARY);
  expect(rotating.tokenEndpoint).toMatchObject({ tokenRequests: 2, rejected: 0 });
});

it('quirk 50: kills the whole family when a spent refresh token comes back', async () => {
  const first = await rotating.mintRefreshToken();
  const { json } = await refresh(first);
  expect(await refresh(first)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  expect(rotating.revokedFamilies).toHaveLength(1);
  expect((await refresh(json.refresh_token)).status).toBe(400);
  expect((await getWithBearer(rotating.protectedUrl, json.access_token)).status).toBe(401);
  expect(rotating.tokenEndpoint.rejections[0]?.reason).toContain('already used');
});

it('leaves other families alone', async () => {
  const [spent, other] = [await rotating.mintRefreshToken(), await rotating.mintRefreshToken()];
  await refresh(spent);
  await refresh(spent);
  expect((await refresh(other)).status).toBe(200);
});

describe('by the given clock', () => {
  it('an access token lives until the instant of its expiry', async () => {
    const { json } = await refresh(await rotating.mintRefreshToken());
    await clock.advance(44_999);
    expect((await getWithBearer(rotating.protectedUrl, json.access_token)).status).toBe(200);
    await clock.advance(1);
    expect((await getWithBearer(rotating.protectedUrl, json.access_token)).status).toBe(401);
  });

  it('a refresh token lives until the instant of its expiry, counted anew at each rotation', async () => {
    const { json } = await refresh(await rotating.mintRefreshToken());
    await clock.advance(999_999);
    const rotated = await refresh(json.refresh_token);
    expect(rotated.status).toBe(200);
    await clock.advance(1_000_000);
    expect(await refresh(rotated.json.refresh_token)).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    });
    expect(rotating.revokedFamilies).toEqual([]);
  });
});

it('wants the client secret by HTTP Basic, form-encoded, and the newest one', async () => {
  const token = await rotating.mintRefreshToken();
  expect((await refresh(token, basic(clientId, clientSecret))).status).toBe(401);
  expect((await refresh(token, {})).status).toBe(400);
  const renewed = canarySecret('renewed');
  rotating.setClientSecret(renewed);
  expect(await refresh(token)).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
  expect((await refresh(token, basic(formEncode(clientId), renewed))).status).toBe(200);
});

it('forgets its refresh tokens when told to', async () => {
  const token = await rotating.mintRefreshToken();
  rotating.killRefreshTokens();
  expect(await refresh(token)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
});

it('can lose an answer after the token was spent', async () => {
  const token = await rotating.mintRefreshToken();
  rotating.tokenEndpoint.failNext({ kind: 'lose-answer' });
  await expect(refresh(token)).rejects.toThrow();
  expect((await refresh(token)).status).toBe(400);
  expect(rotating.revokedFamilies).toHaveLength(1);
});

it('publishes metadata that name its token endpoint', async () => {
  const metadata = await getWithBearer(`${rotating.issuer}/.well-known/openid-configuration`, 'none');
  expect(metadata.json).toMatchObject({ issuer: rotating.issuer, token_endpoint: rotating.tokenUrl });
});

// The library's notices come once a process: this looks at everything that the tests above printed.
it('prints nothing, not even when it starts or refuses', async () => {
  await refresh('unknown');
  await getWithBearer(rotating.protectedUrl, 'unknown');
  expect(printed).toEqual([]);
});
