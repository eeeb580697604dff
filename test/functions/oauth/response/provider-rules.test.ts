import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { responseRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { processTokenResponse } from '../../../../functions/oauth/response/token-response.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { tokenInput } from '../../../support/token-input.ts';
import { judged, NOW } from './judged-error.ts';

const ACCESS = canarySecret('access');
const REFRESH = canarySecret('refresh');

function read(body: unknown, response: z.input<typeof responseRulesSchema>, status = 200) {
  const received = { status, headers: {}, body: new Secret(JSON.stringify(body)) };
  return processTokenResponse(received, tokenInput({ response }), {
    requestedAt: NOW,
    now: NOW,
    secrets: [],
    identifiesClient: true,
  });
}

describe('quirk 30: a failure that answers 200 is told by what marks a success', () => {
  const response = { path: ['data'], successWhen: { code: [0], 'meta.state': ['OK', 'FINE'] } };
  const answer = (code: unknown, state: unknown) => ({
    code,
    message: 'refresh_token is expired',
    meta: { state },
    data: { access_token: ACCESS, refresh_token: REFRESH },
  });

  it.each([
    [0, 'OK'],
    ['0', 'FINE'],
  ])('a success with %j and %j', (code, state) => {
    const { token, problem } = read(answer(code, state), response);
    expect(problem).toBeUndefined();
    expect(token.access_token?.reveal()).toBe(ACCESS);
  });

  it.each([
    [40105, 'OK'],
    [0, 'FAILED'],
    [0, undefined],
    [null, 'OK'],
  ])('none with %j and %j; a refresh token in it is kept all the same', (code, state) => {
    const { token, problem } = read(answer(code, state), response);
    expect(problem).toMatchObject({ kind: 'unanswered' });
    expect(token.refresh_token?.reveal()).toBe(REFRESH);
  });

  it('is refused for sure where the rules name the code', async () => {
    const body = { code: 40105, message: 'expired', data: {} };
    expect(
      await judged(200, body, {
        response: { successWhen: { code: [0] } },
        errors: { invalidGrant: ['40105'] },
      }),
    ).toMatchObject({ kind: 'refused', code: '40105' });
  });
});

describe('quirk 33: fields inside others are found by a declared path, never by a search', () => {
  it.each([
    ['authed_user.access_token', { authed_user: { access_token: ACCESS } }],
    ['tokens.0.value', { tokens: [{ value: ACCESS }] }],
    ['a.b', { 'a.b': ACCESS, a: { b: 'another' } }],
  ])('%s', (path, body) => {
    expect(read(body, { fields: { access_token: path } }).token.access_token?.reveal()).toBe(ACCESS);
  });

  it('nothing inherited is one, and nothing else is searched', () => {
    const fields = { access_token: 'constructor.name' };
    expect(() => read({ data: { access_token: ACCESS } }, { fields })).toThrow(/no usable field/);
    expect(() => read({ data: { access_token: ACCESS } }, {})).toThrow(/no usable field/);
  });
});

describe('quirk 41: units of a lifetime, and instants', () => {
  it.each([
    [{ expiresInUnit: 'minutes' }, { expires_in: 60 }, 3600],
    [{ expiresInUnit: 'minutes' }, { expires_in: '59.5' }, 3570],
    [{ expiresInUnit: 'milliseconds' }, { expires_in: 3_600_000 }, 3600],
    [{ expiresAtField: 'expiresAt' }, { expiresAt: NOW / 1000 + 3600 }, 3600],
    [{ expiresAtField: 'expiresAt', expiresAtUnit: 'milliseconds' }, { expiresAt: NOW + 3_600_000 }, 3600],
    [
      { expiresAtField: 'expiresAt', expiresAtUnit: 'milliseconds' },
      { expiresAt: String(NOW + 3_600_000) },
      3600,
    ],
    [
      { expiresAtField: 'token.expires', expiresAtUnit: 'milliseconds' },
      { token: { expires: new Date(NOW + 3_600_000).toISOString() } },
      3600,
    ],
  ] as const)('%j', (rules, fields, seconds) => {
    expect(read({ access_token: ACCESS, ...fields }, rules).token.expiresInSeconds).toBe(seconds);
  });
});

describe('quirk 61: where a provider writes its errors', () => {
  const errors = {
    codePaths: ['fault.detail.errorcode', 'issues.0.id'],
    messagePaths: ['fault.faultstring'],
    invalidGrant: ['refresh.dead'],
    invalidClient: ['keymanagement.service.invalid_client'],
  };

  it('the code at the declared path counts before any other', async () => {
    const body = {
      fault: { faultstring: 'The refresh token is gone', detail: { errorcode: 'refresh.dead' } },
      error: 'invalid_request',
    };
    expect(await judged(400, body, { errors })).toMatchObject({ kind: 'refused', code: 'refresh.dead' });
    expect((await judged(400, body, { errors })).message).toContain('The refresh token is gone');
  });

  it('without a rule the same answer is not for sure', async () => {
    const body = { fault: { detail: { errorcode: 'refresh.dead' } } };
    expect(await judged(400, body)).toMatchObject({ kind: 'unsure', code: 'http_400' });
  });

  it('a place of a list is one', async () => {
    expect(await judged(400, { issues: [{ id: 'refresh.dead' }] }, { errors })).toMatchObject({
      kind: 'refused',
    });
  });

  it('quirk 58: a client that is refused under a code of its own', async () => {
    const body = { fault: { detail: { errorcode: 'keymanagement.service.invalid_client' } } };
    expect(await judged(403, body, { errors })).toMatchObject({ kind: 'client-refused' });
  });
});
