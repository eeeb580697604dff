import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { fakeSecret } from '../../../support/token-input.ts';
import { judged, NOW } from './judged-error.ts';

describe('envelopes', () => {
  it.each([
    ['RFC 6749', 400, { error: 'e1', error_description: 'words' }, 'e1', 'words'],
    ['Kajabi', 401, { error: 'The token is no good' }, 'invalid_client', 'The token is no good'],
    ['SlashID', 400, { meta: {}, errors: [{ httpcode: 400, message: 'words' }] }, 'http_400', 'words'],
    [
      'JSON:API',
      401,
      { errors: [{ status: '401', title: 't', detail: 'words' }] },
      'invalid_client',
      'words',
    ],
    ['Fitbit', 400, { errors: [{ errorType: 'e1', message: 'words' }], success: false }, 'e1', 'words'],
    ['Okta', 400, { errorCode: 'E0000022', errorSummary: 'words' }, 'E0000022', 'words'],
    ['Databricks', 400, { error_code: 'E1', message: 'words' }, 'E1', 'words'],
    ['Twitch', 400, { status: 400, message: 'words' }, 'http_400', 'words'],
    ['Zoom', 400, { reason: 'words of zoom', error: 'e1' }, 'e1', 'words of zoom'],
    [
      'Meta',
      400,
      { error: { message: 'words', type: 'OAuthException', code: 190 } },
      'OAuthException',
      'words',
    ],
    ['a number', 400, { error: 4711, message: 'words' }, '4711', 'words'],
    ['a negative number', 400, { error: -1, message: 'words' }, '-1', 'words'],
    ['a number beyond all statuses', 400, { error: 600, message: 'words' }, '600', 'words'],
    ['a number that says nothing', 400, { error: { code: 0, message: 'words' } }, 'http_400', 'words'],
    ['an object with a number', 400, { error: { code: 4711, message: 'words' } }, '4711', 'words'],
    ['Slack', 200, { ok: false, error: 'e1' }, 'e1', undefined],
    ['a list of strings', 400, { errors: ['words'] }, 'http_400', 'words'],
    ['a form', 400, 'error=e1&error_description=the+words', 'e1', 'the words'],
  ])('%s', async (_, status, body, code, words) => {
    const error = await judged(status, body);
    expect(error.code).toBe(code);
    if (words === undefined)
      expect(error.message).toBe(`The token endpoint answered HTTP ${status}, ${code}.`);
    else expect(error.message).toMatch(new RegExp(`: ${words}$`));
  });

  it('an error inside the envelope of the answer', async () => {
    const response = { path: ['data'] };
    const body = { message: 'error', data: { error_code: 10010, description: 'words' } };
    expect(await judged(200, body, { response })).toMatchObject({ kind: 'unanswered', code: '10010' });
    const outer = { code: 40105, message: 'bad', error: 'invalid_grant', data: {} };
    expect((await judged(400, outer, { response })).kind).toBe('refused');
  });

  it('a token beside an error does not make it a success', async () => {
    const access_token = canarySecret('beside');
    const error = await judged(200, {
      access_token,
      error: 'invalid_grant',
      error_description: access_token,
    });
    expect(error.kind).toBe('unanswered');
    expect(error.message).not.toContain('CANARY');
  });
});

describe('what it says', () => {
  const secret = fakeSecret('refresh/with+special=characters&more');

  it.each([
    ['as it is', secret.reveal()],
    ['as a URL has it', encodeURIComponent(secret.reveal())],
    ['as a form has it', new URLSearchParams({ '': secret.reveal() }).toString().slice(1)],
    ['cut short', secret.reveal().slice(0, 14)],
  ])('repeats no secret of the request, %s', async (_, text) => {
    const body = { error: text, error_description: `No such token: ${text}` };
    const error = await judged(400, body, { secrets: [secret] });
    expect(error.message).toBe('The token endpoint answered HTTP 400: No such token: [redacted]');
    expect(error.code).toBe('http_400');
  });

  it.each([
    ['HTML', '<p>Not <b>found</b></p>'],
    ['a tag within', 'See <a href="https://example.com">this</a>'],
    ['a tag that does not end', 'x <img src=x onerror=alert(1) '],
    ['nothing visible', ' \u0000\u200B\r\n '],
  ])('leaves out %s', async (_, error_description) => {
    const error = await judged(400, { error: 'e1', error_description });
    expect(error.message).toBe('The token endpoint answered HTTP 400, e1.');
  });

  it('names no code that repeats a secret, though the code is well known', async () => {
    const secrets = [new Secret('invalid_client_secret')];
    const error = await judged(400, { error: 'invalid_client_secret' }, { secrets });
    expect(error).toMatchObject({ kind: 'client-refused', code: 'http_400' });
  });

  it.each([
    ['cannot be shown', '<p>Not found</p>'],
    ['only repeat the code', 'e1'],
  ])('is in other words, where the first %s', async (_, error_description) => {
    const error = await judged(400, { error: 'e1', error_description, message: 'other words' });
    expect(error.message).toMatch(/, e1: other words$/);
  });

  it('has no character that a terminal or a log would act upon', async () => {
    const error_description = 'one\r\ntwo\u001b[31mthree\u0000four\u2028five\u202Esix';
    const { message } = await judged(400, { error: 'e1', error_description });
    expect(message).toMatch(/: one two \[31mthree four five six$/);
  });

  it('is at most about 200 characters of the provider’s', async () => {
    const error = await judged(400, { error: 'e1', error_description: '\u{1F511}'.repeat(300) });
    const words = [...(error.message.split(': ')[1] ?? '')];
    expect(words).toHaveLength(200);
    expect(words.at(-1)).toBe('…');
    expect(words.at(-2)).toBe('\u{1F511}');
  });

  // A pattern that reads on for each tag that does not end, or a redaction of a megabyte, would take minutes.
  it.each([
    ['tags that do not end', { error: 'e1', error_description: '<!'.repeat(500_000) }],
    ['a code', { error: 'x'.repeat(1_000_000) }],
    ['what looks like tokens', { error: 'e1', error_description: '-eyJaaaa'.repeat(125_000) }],
    [
      'a token that is escaped',
      { error: 'e1', error_description: 'd', access_token: '"\u00e9 '.repeat(250_000) },
    ],
    [
      'many words that cannot be shown',
      { error: 'e1', errors: Array(10).fill({ message: '\u200b'.repeat(90_000) }) },
    ],
  ])('is judged at once, though it is a megabyte of %s', async (_, body) => {
    const startedAt = performance.now();
    const error = await judged(400, body, { secrets: [secret] });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(error.message.length).toBeLessThan(300);
  });

  it('is no code when it could not be one', async () => {
    const numbers = ['4711 errors', 'error no. 4711', '1234567890123'];
    for (const code of ['x'.repeat(65), 'a\nb', 'two words', '{"a":1}', '-', '', ...numbers]) {
      expect((await judged(400, { error: code, error_description: 'd' })).code).toBe('http_400');
    }
  });

  it('never holds the answer', async () => {
    const error = await judged(500, `{"debug":"${canarySecret('debug')}"}`);
    expect(error.cause).toBeUndefined();
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('CANARY');
  });
});

describe('Retry-After', () => {
  it.each([200, 400, 403, 429, 500, 502, 503])('is honoured at %i', async (status) => {
    const error = await judged(status, { error: 'e1' }, { headers: { 'retry-after': '90' } });
    expect(error.retryAfterMs).toBe(90_000);
  });

  it('counts a date from the answer, and means something else on a redirect', async () => {
    const headers = { 'retry-after': new Date(NOW + 5_000).toUTCString() };
    expect((await judged(429, '', { headers })).retryAfterMs).toBe(5_000);
    for (const status of [300, 302, 399]) {
      expect((await judged(status, '', { headers })).retryAfterMs).toBeUndefined();
    }
    expect((await judged(429, '')).retryAfterMs).toBeUndefined();
  });
});
