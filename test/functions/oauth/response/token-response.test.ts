import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { responseRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { processTokenResponse } from '../../../../functions/oauth/response/token-response.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { TokenError } from '../../../../functions/oauth/token-error.ts';
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

function answer(body: unknown, response: Rules = {}, status = 200, cutOff?: TokenError) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const received = { status, headers: {}, body: new Secret(text), ...(cutOff && { cutOff }) };
  return processTokenResponse(received, tokenInput({ response }), {
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

  it.each<[string, RegExp, unknown, Rules]>([
    ['nothing', /empty/, '', {}],
    ['a page', /HTML/, '<p>Please sign in</p>', {}],
    ['a list', /no JSON object/, '[]', {}],
    ['a part', /neither JSON .* cut off/, '{"access_token":"', {}],
    ['no envelope', /object "data\.tokens"/, { data: {} }, { path: ['data', 'tokens'] }],
    ['no token', /field "access_token"/, {}, {}],
    [
      'no token under the name of the rules',
      /field "data\.token"/,
      { data: { access_token: ACCESS } },
      { path: ['data'], fields: { access_token: 'token' } },
    ],
    ['another status', /200 or 201\b/, withToken({}), { successStatus: [200, 201] }],
  ])('%s, and the error says so: %s', async (_, words, body, rules) => {
    expect((await tokenErrorOf(() => judge(body, rules, 203))).message).toMatch(words);
  });
});

describe('a refresh token in a 2xx is handed on, whatever else is wrong', () => {
  const answered = { refresh_token: REFRESH };
  it.each<[string, string, unknown, Rules]>([
    ['no access token', 'missing_access_token', answered, {}],
    ['an error beside it', 'server_error', { ...answered, error: 'server_error' }, {}],
    [
      'an error beside an access token',
      'server_error',
      withToken({ ...answered, error: 'server_error' }),
      {},
    ],
    ['a status that is no success', 'unexpected_status', withToken(answered), { successStatus: [201] }],
    ['no envelope, and the token before it', 'missing_envelope', answered, { path: ['data'] }],
    ['an envelope with nothing in it', 'missing_access_token', { ...answered, data: {} }, { path: ['data'] }],
    ['only a part', 'unreadable_answer', `{"refresh_token":"${REFRESH}","access_token":"`, {}],
    [
      'only a part, under the name of the rules',
      'unreadable_answer',
      `{"refreshToken":"${REFRESH}","token":"`,
      { fields: { refresh_token: 'refreshToken' } },
    ],
    ['a list around it', 'not_an_object_answer', [answered], {}],
  ])('%s', (_, code, body, rules) => {
    const { token, problem, requestedAt } = answer(body, rules);
    expect(token.refresh_token?.reveal()).toBe(REFRESH);
    expect(token.token_type).toBe('Bearer');
    expect(problem).toMatchObject({ kind: 'unanswered', code, status: 200 });
    expect(requestedAt).toBe(NOW);
  });

  it('the one of the envelope before one beside it', () => {
    const body = { refresh_token: canarySecret('outer'), data: { refresh_token: REFRESH } };
    expect(answer(body, { path: ['data'] }).token.refresh_token?.reveal()).toBe(REFRESH);
  });

  it('but not one that the rules know under another name', async () => {
    const rules = { fields: { refresh_token: 'refreshToken' } };
    for (const body of [answered, `{"refresh_token":"${REFRESH}",`]) {
      expect((await tokenErrorOf(() => answer(body, rules))).kind).toBe('unanswered');
    }
  });
});

describe('outside of 2xx a token makes no success', () => {
  it.each([100, 199, 300, 302, 400, 500])('at %i', async (status) => {
    const error = await tokenErrorOf(() => answer(withToken({ refresh_token: REFRESH }), {}, status));
    expect(error).toMatchObject({ code: `http_${status}`, status });
  });
});

describe('an answer that was cut off', () => {
  const cutOff = (status: number, code = 'connection_reset') =>
    new TokenError('unanswered', code, 'The request was answered in part.', { status });

  it.each([199, 300, 400, 401, 500])('is no refusal at %i, though it reads as one', async (status) => {
    const lost = cutOff(status);
    expect(await tokenErrorOf(() => answer({ error: 'invalid_grant' }, {}, status, lost))).toBe(lost);
  });

  it.each([200, 299])(
    'is the error that it reads as at %i, with nothing known of what was spent',
    async (status) => {
      const error = await tokenErrorOf(() => answer({ error: 'invalid_grant' }, {}, status, cutOff(status)));
      expect(error).toMatchObject({ kind: 'unanswered', code: 'invalid_grant', status });
    },
  );

  it('is a success where all of it can be read', () => {
    const { token, problem } = answer(withToken({}), {}, 200, cutOff(200));
    expect(token.access_token?.reveal()).toBe(ACCESS);
    expect(problem).toBeUndefined();
  });

  it('is told as cut off where it cannot be read, and brings the refresh token that it began with', () => {
    const lost = cutOff(200);
    const { token, problem } = answer(`{"refresh_token":"${REFRESH}","acc`, {}, 200, lost);
    expect(token.refresh_token?.reveal()).toBe(REFRESH);
    expect(problem).toBe(lost);
  });

  it('because it was too large is no success, whatever can be read', async () => {
    const lost = cutOff(200, 'answer_too_large');
    expect(await tokenErrorOf(() => answer(withToken({}), {}, 200, lost))).toBe(lost);
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
