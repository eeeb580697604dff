import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { responseRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { processTokenResponse } from '../../../../functions/oauth/response/token-response.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { tokenErrorOf, tokenInput } from '../../../support/token-input.ts';

const NOW = Date.UTC(2026, 0, 1);
const ACCESS = canarySecret('access');
const REFRESH = canarySecret('refresh');

type Rules = z.input<typeof responseRulesSchema>;

function judge(body: unknown, response: Rules = {}, status = 200) {
  const { token, problem } = answer(body, response, status);
  if (problem) throw problem;
  return token;
}

function answer(body: unknown, response: Rules = {}, status = 200) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return processTokenResponse({ status, headers: {}, body: new Secret(text) }, tokenInput({ response }), {
    requestedAt: NOW,
    now: NOW + 5_000,
    secrets: [],
    identifiesClient: true,
  });
}

const withToken = (fields: object) => ({ access_token: ACCESS, token_type: 'Bearer', ...fields });

describe('a 2xx that cannot be understood may have spent the refresh token', () => {
  it.each([
    ['nothing', '', 'empty_answer'],
    ['white space', ' \r\n', 'empty_answer'],
    ['HTML', '<!doctype html><p>Please sign in</p>', 'html_answer'],
    ['XML', '<?xml version="1.0"?><access_token>x</access_token>', 'html_answer'],
    ['null', 'null', 'not_an_object_answer'],
    ['an array', '[]', 'not_an_object_answer'],
    ['an array around the answer', `[{"access_token":"${ACCESS}"}]`, 'not_an_object_answer'],
    ['a string', '"ok"', 'not_an_object_answer'],
    ['a number', '1', 'not_an_object_answer'],
    ['JSON cut off', `{"access_token":"${ACCESS}`, 'unreadable_answer'],
    ['two answers', '{}{}', 'unreadable_answer'],
    ['prose', 'Service temporarily unavailable', 'unreadable_answer'],
    ['no fields', '{}', 'missing_access_token'],
    ['no access token', '{"token_type":"Bearer"}', 'missing_access_token'],
    ['an empty access token', '{"access_token":""}', 'missing_access_token'],
    ['a null access token', '{"access_token":null}', 'missing_access_token'],
    ['a numeric access token', '{"access_token":1}', 'missing_access_token'],
    ['an access token that would break a header', '{"access_token":"a\\r\\nb"}', 'missing_access_token'],
    ['an access token beyond ASCII', '{"access_token":"é"}', 'missing_access_token'],
    ['an inherited access token', '{"__proto__":{"access_token":"x"}}', 'missing_access_token'],
  ])('%s', async (_, body, code) => {
    const error = await tokenErrorOf(() => judge(body));
    expect(error).toMatchObject({ kind: 'unanswered', code, status: 200 });
    expect(error.message).toContain('HTTP 200');
  });

  it.each([202, 204, 206])('a token at status %i, where the rules name another', async (status) => {
    const rules = { successStatus: [200, 201] };
    const error = await tokenErrorOf(() => judge(withToken({}), rules, status));
    expect(error).toMatchObject({ kind: 'unanswered', code: 'unexpected_status', status });
  });

  it('an envelope that is not there', async () => {
    for (const body of [withToken({}), { data: null }, { data: [withToken({})] }, { data: 'x' }]) {
      const error = await tokenErrorOf(() => judge(body, { path: ['data'] }));
      expect(error).toMatchObject({ kind: 'unanswered', code: 'missing_envelope' });
    }
  });
});

describe('a success', () => {
  it('is read in full', () => {
    const token = judge(
      withToken({ refresh_token: REFRESH, id_token: canarySecret('id'), expires_in: 3600, scope: 'a b' }),
    );
    expect(token.access_token?.reveal()).toBe(ACCESS);
    expect(token.refresh_token?.reveal()).toBe(REFRESH);
    expect(token.id_token?.reveal()).toBe(canarySecret('id'));
    expect(token).toMatchObject({ token_type: 'Bearer', expiresInSeconds: 3600, scope: 'a b', extras: {} });
  });

  it.each([201, 203, 206, 299])('may come with %i', (status) =>
    expect(judge(withToken({}), {}, status).access_token?.reveal()).toBe(ACCESS),
  );

  it('may need another status, where the rules name it', () => {
    expect(judge(withToken({}), { successStatus: [202] }, 202).access_token?.reveal()).toBe(ACCESS);
  });

  it.each([
    ['after a byte order mark', `\uFEFF{"access_token":"${ACCESS}"}`],
    ['form-encoded', `access_token=${ACCESS}&token_type=bearer&scope=`],
    ['form-encoded with a line end', `access_token=${encodeURIComponent(ACCESS)}\n`],
  ])('is read %s', (_, body) => expect(judge(body).access_token?.reveal()).toBe(ACCESS));

  it('is found where the rules say, under the names of the rules', () => {
    const answer = { data: { tokens: { token: ACCESS, refreshToken: REFRESH, expiresIn: 60 } } };
    const token = judge(answer, {
      path: ['data', 'tokens'],
      fields: { access_token: 'token', refresh_token: 'refreshToken', expires_in: 'expiresIn' },
    });
    expect(token.access_token?.reveal()).toBe(ACCESS);
    expect(token.refresh_token?.reveal()).toBe(REFRESH);
    expect(token.expiresInSeconds).toBe(60);
  });

  it('keeps a token as it is, however long, with spaces at its ends', () => {
    const long = ` ${ACCESS}${'x'.repeat(20_000)} `;
    expect(judge({ access_token: long }).access_token?.reveal()).toBe(long);
  });

  it.each([
    { error: null },
    { error: '' },
    { error: 0 },
    { error: false },
    { error: {} },
    { errors: [] },
    { error_code: 0 },
    { error_code: '0' },
    { ok: true },
    { success: true },
  ])('is no error for a field that says nothing: %j', (fields) => {
    expect(judge(withToken(fields)).access_token?.reveal()).toBe(ACCESS);
  });
});

describe('fields of a success', () => {
  it.each([undefined, null, '', 0, [], {}])('a refresh token that is %j is none', (refresh_token) => {
    const token = judge(withToken({ refresh_token, id_token: refresh_token }));
    expect(token).not.toHaveProperty('refresh_token');
    expect(token).not.toHaveProperty('id_token');
  });

  it.each([
    ['Bearer', 'Bearer'],
    ['bearer', 'bearer'],
    ['DPoP', 'DPoP'],
    ['User Access Token', 'User Access Token'],
    [undefined, 'Bearer'],
    [null, 'Bearer'],
    ['', 'Bearer'],
    [7, 'Bearer'],
    ['Bearer\r\nx-injected: 1', 'Bearer'],
  ])('token type %j is %s', (token_type, expected) => {
    expect(judge(withToken({ token_type })).token_type).toBe(expected);
  });

  it.each([
    ['a b', 'a b'],
    [' a  b ', 'a b'],
    ['a,b', 'a b'],
    ['a, b', 'a b'],
    [['a', 'b', 1, null], 'a b'],
    ['', undefined],
    [' ', undefined],
    [[], undefined],
    [null, undefined],
    [7, undefined],
    [{ a: 1 }, undefined],
    ['a \u001b[31mb\r\nX-Evil:\u0000 c', 'a c'],
  ])('scope %j is %j', (scope, expected) => expect(judge(withToken({ scope })).scope).toBe(expected));

  it.each([
    [3600, 3600],
    ['3600', 3600],
    ['3599.9', 3599],
    [3599.9, 3599],
    [1, 1],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31, undefined],
    [1e300, undefined],
    [0, 0],
    ['0', 0],
    [0.9, 0],
    [-1, undefined],
    ['-3600', undefined],
    ['3600abc', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    [' 3600', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['', undefined],
    [null, undefined],
    [true, undefined],
    [[3600], undefined],
    [{}, undefined],
  ])('expires_in %j is %j seconds', (expires_in, expected) => {
    expect(judge(withToken({ expires_in })).expiresInSeconds).toBe(expected);
    const refresh = judge(withToken({ rx: expires_in }), { refreshTokenExpiresInField: 'rx' });
    // Zero says here that there is no end.
    expect(refresh.refreshTokenExpiresInSeconds).toBe(expected || undefined);
  });

  it('a literal that is no finite number is no lifetime', () => {
    expect(judge(`{"access_token":"${ACCESS}","expires_in":1e999}`).expiresInSeconds).toBeUndefined();
  });

  it.each([
    [3_600_000, 3600],
    ['3600999', 3600],
    [999, 0],
  ])('%j milliseconds are %j seconds, where the rules say milliseconds', (expires_in, expected) => {
    expect(judge(withToken({ expires_in }), { expiresInUnit: 'milliseconds' }).expiresInSeconds).toBe(
      expected,
    );
  });

  it.each([
    ['2026-01-01T01:00:00Z', 3600],
    ['2026-01-01T01:00:00.000Z', 3600],
    ['2026-01-01T02:00:00+01:00', 3600],
    [NOW / 1000 + 3600, 3600],
    [String(NOW / 1000 + 3600), 3600],
    ['2026-01-01T00:00:00Z', undefined],
    ['2025-12-31T00:00:00Z', undefined],
    ['2026-01-01T01:00:00', undefined],
    ['tomorrow', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('an expiry at %j leaves %j seconds from the start of the request', (at, expected) => {
    expect(judge(withToken({ expires_at: at }), { expiresAtField: 'expires_at' }).expiresInSeconds).toBe(
      expected,
    );
  });

  it('a lifetime comes before an instant, and the instant is read only where the rules name it', () => {
    const answer = withToken({ expires_in: 60, expires_at: '2026-01-01T01:00:00Z' });
    expect(judge(answer, { expiresAtField: 'expires_at' }).expiresInSeconds).toBe(60);
    expect(judge(withToken({ expires_at: '2026-01-01T01:00:00Z' })).expiresInSeconds).toBeUndefined();
  });

  it('extras are the allow-listed primitives, and never a token', () => {
    const answer = withToken({
      instance_url: 'https://acme.example',
      count: 2,
      sandbox: false,
      team: { id: 1 },
      list: [1],
      nothing: null,
      other: 'not asked for',
      refresh_token: REFRESH,
      refreshToken: REFRESH,
    });
    const names = ['instance_url', 'count', 'sandbox', 'team', 'list', 'nothing', 'absent', 'toString'];
    const token = judge(answer, {
      fields: { refresh_token: 'refreshToken' },
      extras: [...names, 'refresh_token', 'refreshToken', 'access_token', 'id_token'],
    });
    expect(token.extras).toEqual({ instance_url: 'https://acme.example', count: 2, sandbox: false });
  });

  it('show no token when they are printed', () => {
    const token = judge(withToken({ refresh_token: REFRESH, id_token: canarySecret('id') }));
    expect(JSON.stringify(token)).not.toContain('CANARY');
  });
});
