import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { errorRulesSchema, responseRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { processTokenResponse } from '../../../../functions/oauth/response/token-response.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { TokenError } from '../../../../functions/oauth/token-error.ts';
import { canarySecret } from '../../../support/canary.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';

const NOW = Date.UTC(2026, 0, 1);

interface Case {
  readonly headers?: Record<string, string>;
  readonly errors?: z.input<typeof errorRulesSchema>;
  readonly response?: z.input<typeof responseRulesSchema>;
  readonly secrets?: readonly Secret[];
  readonly identifiesClient?: boolean;
}

function judged(status: number, body: unknown, options: Case = {}): Promise<TokenError> {
  const { headers = {}, errors = {}, response = {}, secrets = [], identifiesClient = true } = options;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return tokenErrorOf(() =>
    processTokenResponse({ status, headers, body: new Secret(text) }, tokenInput({ errors, response }), {
      requestedAt: NOW,
      now: NOW,
      secrets,
      identifiesClient,
    }),
  );
}

describe('by code', () => {
  it.each([
    [400, 'invalid_grant', 'invalid-grant'],
    [401, 'invalid_grant', 'invalid-grant'],
    [403, 'invalid_grant', 'invalid-grant'],
    [200, 'invalid_grant', 'invalid-grant'],
    [400, 'INVALID_GRANT', 'invalid-grant'],
    [400, 'bad_refresh_token', 'invalid-grant'],
    [200, 'bad_refresh_token', 'invalid-grant'],
    [400, 'invalid_refresh_token', 'invalid-grant'],
    [401, 'invalid_client', 'configuration'],
    [400, 'invalid_client', 'configuration'],
    [400, 'unauthorized_client', 'configuration'],
    [400, 'unsupported_grant_type', 'configuration'],
    [400, 'invalid_scope', 'configuration'],
    [400, 'invalid_request', 'configuration'],
    [400, 'invalid_target', 'configuration'],
    [400, 'temporarily_unavailable', 'transient'],
    [403, 'server_error', 'transient'],
    [200, 'server_error', 'transient'],
    [502, 'temporarily_unavailable', 'transient'],
    [200, 'ratelimited', 'throttled'],
    [400, 'slow_down', 'throttled'],
    [403, 'rate_limit_exceeded', 'throttled'],
    [429, 'invalid_grant', 'throttled'],
  ])('%i %s is %s', async (status, error, kind) => {
    expect(await judged(status, { error })).toMatchObject({ kind, code: error, status });
  });

  it.each([
    ['invalid_grant', 'login rate exceeded'],
    ['Access Denied', 'You have made too many requests continuously. Please try again after some time.'],
    ['access_denied', 'Rate limit reached'],
  ])('throttling that is called %s', async (error, error_description) => {
    expect(await judged(400, { error, error_description })).toMatchObject({ kind: 'throttled' });
  });

  it('what nobody knows costs no credential', async () => {
    for (const status of [200, 400, 403, 409, 422, 451]) {
      expect(await judged(status, { error: 'expired_or_what' })).toMatchObject({
        kind: 'unknown',
        code: 'expired_or_what',
      });
    }
  });
});

describe('by the rules of the provider', () => {
  const errors = {
    invalidGrant: ['invalid_code', 'value passed for the token was invalid', '70008'],
    configuration: ['consent_required'],
    throttled: ['Access Denied'],
    transient: ['E-BUSY'],
  };

  it.each([
    [{ error: 'invalid_code' }, 'invalid-grant'],
    [{ error: 'INVALID_CODE' }, 'invalid-grant'],
    [
      { error: 'invalid_request', error_description: 'Value passed for the token was invalid.' },
      'invalid-grant',
    ],
    [{ error: 'interaction_required', error_codes: [50076, 70008] }, 'invalid-grant'],
    [{ error: 'invalid_grant', error_description: 'x', error_subcode: 'consent_required' }, 'configuration'],
    [{ error: 'Access Denied' }, 'throttled'],
    [{ errorCode: 'E-BUSY' }, 'transient'],
    [{ error: 'invalid_grant', reason: 'E-BUSY' }, 'transient'],
    [{ error: 'not_invalid_code' }, 'unknown'],
  ])('%j is %s', async (body, kind) => {
    expect(await judged(400, body, { errors })).toMatchObject({ kind });
  });

  it('the harmless reading wins where two rules fit', async () => {
    const both = { invalidGrant: ['e1'], throttled: ['e1'], configuration: ['e1'], transient: ['e1'] };
    expect((await judged(400, { error: 'e1' }, { errors: both })).kind).toBe('throttled');
    expect((await judged(400, { error: 'e1' }, { errors: { ...both, throttled: [] } })).kind).toBe(
      'transient',
    );
  });
});

describe('by status, when no code explains it', () => {
  it.each([
    [301, 'configuration'],
    [302, 'configuration'],
    [303, 'configuration'],
    [307, 'configuration'],
    [308, 'configuration'],
    [400, 'unknown'],
    [401, 'configuration'],
    [403, 'unknown'],
    [404, 'configuration'],
    [405, 'configuration'],
    [408, 'transient'],
    [415, 'configuration'],
    [418, 'unknown'],
    [422, 'unknown'],
    [425, 'transient'],
    [429, 'throttled'],
    [500, 'transient'],
    [502, 'no-answer'],
    [503, 'transient'],
    [504, 'no-answer'],
    [520, 'no-answer'],
    [524, 'no-answer'],
    [529, 'transient'],
  ])('%i is %s', async (status, kind) => {
    for (const body of ['', '<html><body>Error</body></html>', 'null', '[]', '{}', '{"error":']) {
      const code = status === 401 ? 'invalid_client' : `http_${status}`;
      const error = await judged(status, body);
      expect(error).toMatchObject({ kind, code, status });
      expect(error.message).toBe(`The token endpoint answered HTTP ${status}.`);
    }
  });

  it('a 401 to a request that names no client has refused the grant', async () => {
    for (const body of [{ error: 'Invalid refresh token' }, '']) {
      expect(await judged(401, body, { identifiesClient: false })).toMatchObject({
        kind: 'invalid-grant',
        code: 'http_401',
      });
    }
    expect((await judged(400, {}, { identifiesClient: false })).kind).toBe('unknown');
  });

  it('the status inside the body counts where the outer one is a success', async () => {
    expect(await judged(200, { errors: [{ httpcode: 503, message: 'later' }] })).toMatchObject({
      kind: 'transient',
      code: 'http_200',
    });
    expect((await judged(200, { error: { code: 429 } })).kind).toBe('throttled');
    expect((await judged(400, { status: 503, message: 'x' })).kind).toBe('unknown');
  });
});

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
    expect(await judged(200, body, { response })).toMatchObject({ kind: 'unknown', code: '10010' });
    const outer = { code: 40105, message: 'bad', error: 'invalid_grant', data: {} };
    expect((await judged(200, outer, { response })).kind).toBe('invalid-grant');
  });

  it('a token beside an error does not make it a success', async () => {
    const access_token = canarySecret('beside');
    const error = await judged(200, {
      access_token,
      error: 'invalid_grant',
      error_description: access_token,
    });
    expect(error.kind).toBe('invalid-grant');
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
    for (const code of ['x'.repeat(65), 'a\nb', 'two words', '{"a":1}', '-', '']) {
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
    expect((await judged(302, '', { headers })).retryAfterMs).toBeUndefined();
    expect((await judged(429, '')).retryAfterMs).toBeUndefined();
  });
});
