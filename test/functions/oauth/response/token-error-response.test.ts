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
    [400, 'invalid_grant', 'refused'],
    [401, 'invalid_grant', 'refused'],
    [403, 'invalid_grant', 'refused'],
    [400, 'INVALID_GRANT', 'refused'],
    [400, 'bad_refresh_token', 'refused'],
    [400, 'invalid_refresh_token', 'refused'],
    [400, 'refresh_token_expired', 'refused'],
    [401, 'invalid_client', 'client-refused'],
    [400, 'invalid_client', 'client-refused'],
    [400, 'unauthorized_client', 'client-refused'],
    [400, 'incorrect_client_credentials', 'client-refused'],
    [400, 'unsupported_grant_type', 'configuration'],
    [400, 'invalid_scope', 'configuration'],
    [400, 'invalid_request', 'configuration'],
    [400, 'invalid_target', 'configuration'],
    [400, 'temporarily_unavailable', 'unsure'],
    [403, 'server_error', 'unanswered'],
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

  it('what nobody knows is never for sure', async () => {
    for (const status of [400, 403, 409, 422, 451]) {
      expect(await judged(status, { error: 'expired_or_what' })).toMatchObject({
        kind: 'unsure',
        code: 'expired_or_what',
      });
    }
  });

  it('a code that stands in "status" is one', async () => {
    expect(await judged(400, { status: 'invalid_grant', message: 'x' })).toMatchObject({
      kind: 'refused',
      code: 'invalid_grant',
    });
  });
});

describe('a 5xx is never a refusal, whatever its body says', () => {
  it.each([
    { error: 'invalid_grant' },
    { error: 'invalid_client' },
    { error: 'invalid_grant', error_description: 'The refresh token is expired' },
    { error: 'server_error' },
    {},
  ])('%j', async (body) => {
    for (const status of [500, 502, 503, 504, 520, 524, 529]) {
      const error = await judged(status, body, { errors: { invalidGrant: ['invalid_grant'] } });
      expect(error).toMatchObject({ kind: 'unanswered', mayHaveSpent: true });
    }
  });
});

describe('an error in a 2xx may have acted', () => {
  it.each(['invalid_grant', 'bad_refresh_token', 'server_error', 'invalid_scope', 'expired_or_what'])(
    '%s leaves open what was spent',
    async (error) => {
      expect(await judged(200, { error })).toMatchObject({ kind: 'unanswered', mayHaveSpent: true });
    },
  );

  it('but not where the provider is known to answer so', async () => {
    const errors = { invalidGrant: ['bad_refresh_token'] };
    expect(await judged(200, { error: 'bad_refresh_token' }, { errors })).toMatchObject({
      kind: 'refused',
      mayHaveSpent: false,
    });
  });

  it('and a client that is refused spent nothing', async () => {
    expect(await judged(200, { error: 'incorrect_client_credentials' })).toMatchObject({
      kind: 'client-refused',
      mayHaveSpent: false,
    });
  });

  it('throttling is throttling, and still leaves open what was spent', async () => {
    for (const body of [{ error: 'ratelimited' }, { error: { code: 429 } }]) {
      expect(await judged(200, body)).toMatchObject({ kind: 'throttled', mayHaveSpent: true });
    }
  });
});

describe('words', () => {
  it.each([
    'The refresh token is already being processed',
    'Token refresh in progress',
    'Could not validate the token, please try again',
    'Service temporarily not available',
    'Request loop detected',
    'Concurrent requests with this refresh token',
  ])('that speak of a moment refuse nothing: %s', async (error_description) => {
    for (const error of ['invalid_grant', 'invalid_client', 'unauthorized_client']) {
      expect((await judged(400, { error, error_description })).kind).toBe('unsure');
    }
    expect((await judged(401, { message: error_description })).kind).toBe('unsure');
  });

  it.each([
    ['unauthorized_client', 'refresh token is invalid'],
    ['unauthorized_client', 'The refresh_token has expired.'],
    ['invalid_request', 'Refresh token is expired'],
    ['invalid_request', 'invalid refresh token'],
    ['access_denied', 'Unknown or invalid refresh token.'],
    ['invalid_token', 'the refresh token was revoked by the user'],
  ])('that name a dead refresh token count above %s: %s', async (error, error_description) => {
    expect(await judged(400, { error, error_description })).toMatchObject({ kind: 'refused', code: error });
  });

  it.each([
    ['unauthorized_client', 'Client is not allowed to use the refresh_token grant', 'client-refused'],
    ['invalid_request', 'refresh_token is missing', 'configuration'],
    ['access_denied', 'Realm not enabled', 'unsure'],
  ])('that name something else do not: %s, %s', async (error, error_description, kind) => {
    expect((await judged(400, { error, error_description })).kind).toBe(kind);
  });

  it('count where the code should stand', async () => {
    expect((await judged(401, { error: 'Invalid refresh token' }, { identifiesClient: false })).kind).toBe(
      'refused',
    );
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
    [{ error: 'invalid_code' }, 'refused'],
    [{ error: 'INVALID_CODE' }, 'refused'],
    [{ error: 'invalid_request', error_description: 'Value passed for the token was invalid.' }, 'refused'],
    [{ error: 'interaction_required', error_codes: [50076, 70008] }, 'refused'],
    [{ error: 'invalid_grant', error_description: 'x', error_subcode: 'consent_required' }, 'configuration'],
    [{ error: 'Access Denied' }, 'throttled'],
    [{ errorCode: 'E-BUSY' }, 'unsure'],
    [{ error: 'invalid_grant', reason: 'E-BUSY' }, 'unsure'],
    [{ error: 'not_invalid_code' }, 'unsure'],
  ])('%j is %s', async (body, kind) => {
    expect(await judged(400, body, { errors })).toMatchObject({ kind });
  });

  it('the harmless reading wins where two rules fit', async () => {
    const both = { invalidGrant: ['e1'], throttled: ['e1'], configuration: ['e1'], transient: ['e1'] };
    const kindBy = async (rules: typeof both) => (await judged(400, { error: 'e1' }, { errors: rules })).kind;
    expect(await kindBy(both)).toBe('throttled');
    expect(await kindBy({ ...both, throttled: [] })).toBe('unsure');
    expect(await kindBy({ ...both, throttled: [], transient: [] })).toBe('configuration');
  });

  it('a passing error of theirs in a 2xx may have acted', async () => {
    expect((await judged(200, { errorCode: 'E-BUSY' }, { errors })).kind).toBe('unanswered');
  });
});

describe('by status, when no code explains it', () => {
  it.each([
    [301, 'unsure'],
    [302, 'unsure'],
    [303, 'unsure'],
    [307, 'unsure'],
    [308, 'unsure'],
    [400, 'unsure'],
    [401, 'client-refused'],
    [403, 'unsure'],
    [404, 'unsure'],
    [405, 'unsure'],
    [408, 'unsure'],
    [415, 'unsure'],
    [418, 'unsure'],
    [422, 'unsure'],
    [425, 'unsure'],
    [429, 'throttled'],
    [500, 'unanswered'],
    [502, 'unanswered'],
    [503, 'unanswered'],
    [504, 'unanswered'],
    [520, 'unanswered'],
    [524, 'unanswered'],
    [529, 'unanswered'],
  ])('%i is %s', async (status, kind) => {
    for (const body of ['', '<html><body>Error</body></html>', 'null', '[]', '{}', '{"error":']) {
      const code = status === 401 ? 'invalid_client' : `http_${status}`;
      const error = await judged(status, body);
      expect(error).toMatchObject({ kind, code, status });
      expect(error.message).toBe(`The token endpoint answered HTTP ${status}.`);
    }
  });

  it('a 401 to a request that names no client says nothing for sure', async () => {
    for (const body of [{ error: 'no good' }, '']) {
      expect(await judged(401, body, { identifiesClient: false })).toMatchObject({
        kind: 'unsure',
        code: 'http_401',
      });
    }
  });

  it('a status inside the body of a refusal changes nothing', async () => {
    expect((await judged(400, { status: 503, message: 'x' })).kind).toBe('unsure');
    expect((await judged(200, { errors: [{ httpcode: 503, message: 'later' }] })).kind).toBe('unanswered');
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
