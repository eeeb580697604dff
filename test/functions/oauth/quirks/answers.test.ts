import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { responseRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { processTokenResponse } from '../../../../functions/oauth/response/token-response.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { tokenErrorOf, tokenInput } from '../../../support/token-input.ts';
import { judged, NOW } from '../response/judged-error.ts';

const ACCESS = canarySecret('access');
const REFRESH = canarySecret('refresh');

function read(body: unknown, response: z.input<typeof responseRulesSchema> = {}, status = 200) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const received = { status, headers: {}, body: new Secret(text) };
  const { token, problem } = processTokenResponse(received, tokenInput({ response }), {
    requestedAt: NOW,
    now: NOW + 5_000,
    secrets: [],
    identifiesClient: true,
  });
  if (problem !== undefined) throw problem;
  return token;
}

const lifetime = (expires_in: unknown) => read({ access_token: ACCESS, expires_in }).expiresInSeconds;

describe('what real token endpoints answer', () => {
  it.each([200, 201, 203])('quirk 29: a success with status %i', (status) => {
    expect(read({ access_token: ACCESS }, {}, status).access_token?.reveal()).toBe(ACCESS);
  });

  it('quirk 31: a success that is form-encoded', () => {
    expect(read(`access_token=${ACCESS}&scope=repo%2Cgist&token_type=bearer`)).toMatchObject({
      scope: 'repo gist',
    });
  });

  it.each(['<html>wait</html>', '', 'Service Unavailable'])(
    'quirk 32: a success that is %j',
    async (body) => {
      expect((await tokenErrorOf(() => read(body))).kind).toBe('unanswered');
    },
  );

  it.each([
    ['bearer', 'bearer'],
    [undefined, 'Bearer'],
    ['User Access Token', 'User Access Token'],
    ['N_A', 'N_A'],
  ])('quirk 34: the token type %j is %j', (token_type, expected) => {
    expect(read({ access_token: ACCESS, token_type }).token_type).toBe(expected);
  });

  it.each(['DPoP', 'dpop'])(
    'quirk 34: a token of type %s is bound to a key, and never published as a bearer',
    async (token_type) => {
      const error = await tokenErrorOf(() => read({ access_token: ACCESS, token_type }));
      expect(error).toMatchObject({ kind: 'configuration', code: 'bound_token' });
    },
  );

  it('quirk 35: null means absent', () => {
    const token = read({ access_token: ACCESS, refresh_token: null, expires_in: null, scope: null });
    expect(Object.keys(token).sort()).toEqual(['access_token', 'extras', 'token_type']);
  });

  it.each([
    [['chat:read', 'chat:edit'], 'chat:read chat:edit'],
    ['read,write', 'read write'],
    ['', undefined],
  ])('quirk 36: the scope %j is %j', (scope, expected) => {
    expect(read({ access_token: ACCESS, scope }).scope).toBe(expected);
  });

  it.each(['null', '[]', `{"access_token":"${ACCESS}"`])(
    'quirk 37: %s is an error with a type',
    async (body) => {
      expect((await tokenErrorOf(() => read(body))).kind).toBe('unanswered');
    },
  );

  it('quirk 38: a token of 8 KB, and the extras that are allowed', () => {
    const long = `${ACCESS}${'x'.repeat(8192)}`;
    const token = read(
      { access_token: long, instance_url: 'https://a.example', other: 1 },
      { extras: ['instance_url'] },
    );
    expect(token.access_token?.reveal()).toBe(long);
    expect(token.extras).toEqual({ instance_url: 'https://a.example' });
  });

  it.each([
    ['14399', 14_399],
    [3599.9, 3599],
    [-1, undefined],
    ['3600abc', undefined],
    ['Infinity', undefined],
    [2 ** 40, undefined],
    [{}, undefined],
  ])('quirk 40: the lifetime %j is %j', (value, expected) => {
    expect(lifetime(value)).toBe(expected);
  });

  it.each([
    ['refresh_token_expires_in', 600],
    ['x_refresh_token_expires_in', 600],
    ['refresh_expires_in', 600],
  ])('quirk 46: the end of the refresh token in %s', (field, seconds) => {
    const token = read({ access_token: ACCESS, refresh_token: REFRESH, [field]: seconds });
    expect(token.refreshTokenExpiresInSeconds).toBe(seconds);
  });

  it('quirk 42: a refresh token that ends in 0 seconds has no end of its own', () => {
    const token = read({ access_token: ACCESS, refresh_token: REFRESH, refresh_expires_in: 0 });
    expect(token).not.toHaveProperty('refreshTokenExpiresInSeconds');
  });
});

describe('how real token endpoints refuse', () => {
  it.each([
    ['invalid_grant', 'refused'],
    ['invalid_client', 'client-refused'],
    ['unauthorized_client', 'client-refused'],
    ['unsupported_grant_type', 'configuration'],
    ['invalid_scope', 'configuration'],
    ['invalid_request', 'configuration'],
  ])('quirk 56: %s is %s', async (error, kind) => {
    expect((await judged(400, { error })).kind).toBe(kind);
  });

  it.each([400, 401, 403, 500])(
    'quirk 57: temporarily_unavailable and server_error pass, at status %i',
    async (status) => {
      for (const error of ['temporarily_unavailable', 'server_error']) {
        expect(['unsure', 'unanswered']).toContain((await judged(status, { error })).kind);
      }
    },
  );

  it('quirk 58: the status lies: invalid_grant with 403, a dead token under invalid_request', async () => {
    expect((await judged(403, { error: 'invalid_grant' })).kind).toBe('refused');
    const dead = {
      error: 'invalid_request',
      error_description: 'Value passed for the token was invalid: refresh token expired.',
    };
    expect((await judged(400, dead)).kind).toBe('refused');
  });

  it.each([
    [{ error: 'invalid_grant', error_description: 'login rate exceeded' }, {}],
    [{ error: 'Access Denied', error_description: 'You have made too many requests continuously.' }, {}],
    [{ ok: false, error: 'ratelimited' }, {}],
    [{ error: 'slow' }, { throttled: ['slow'] }],
  ])('quirk 59: throttling in disguise, %j', async (body, errors) => {
    expect((await judged(400, body, { errors })).kind).toBe('throttled');
  });

  it.each([
    [{ error: 'bad_refresh_token' }, {}],
    [{ status: 'BAD_REFRESH_TOKEN' }, {}],
    [{ error: 'invalid_code' }, { invalidGrant: ['invalid_code'] }],
    [{ error: 'invalid_grant', error_codes: [70008] }, {}],
    [{ error: 'consent_required' }, { invalidGrant: ['consent_required'] }],
  ])('quirk 60: a vendor’s own code, %j', async (body, errors) => {
    expect((await judged(400, body, { errors })).kind).toBe('refused');
  });

  it.each([400, 403, 404, 405, 409, 415, 418])(
    'quirk 62: an unknown %i is never for sure',
    async (status) => {
      expect((await judged(status, { error: 'whatever' })).kind).toBe('unsure');
    },
  );

  it.each([
    [429, 'throttled'],
    [408, 'unsure'],
    [425, 'unsure'],
    [500, 'unanswered'],
    [503, 'unanswered'],
  ])('quirk 63: %i is %s', async (status, kind) => {
    expect((await judged(status, '')).kind).toBe(kind);
  });

  it('quirk 65: words that repeat a secret are redacted, and long ones cut', async () => {
    const secret = canarySecret('client-secret');
    const words = `The secret ${secret} is wrong. ${'x'.repeat(2000)}`;
    const error = await judged(
      400,
      { error: 'invalid_client', error_description: words },
      { secrets: [new Secret(secret)] },
    );
    expect(error.message).not.toContain(secret);
    expect(error.message.length).toBeLessThan(600);
  });

  it.each([
    ['120', 120_000],
    [new Date(NOW + 90_000).toUTCString(), 90_000],
  ])('quirk 71: Retry-After %j is honoured on any refusal', async (value, ms) => {
    for (const status of [400, 429, 503]) {
      expect((await judged(status, '', { headers: { 'retry-after': value } })).retryAfterMs).toBe(ms);
    }
  });
});
