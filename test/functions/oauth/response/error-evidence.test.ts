import { describe, expect, it } from 'vitest';
import { judged } from './judged-error.ts';

describe('by code', () => {
  it.each([
    [400, 'invalid_grant', 'refused'],
    [401, 'invalid_grant', 'refused'],
    [403, 'invalid_grant', 'refused'],
    [400, 'INVALID_GRANT', 'refused'],
    [400, 'bad_refresh_token', 'refused'],
    [400, 'invalid_refresh_token', 'refused'],
    [400, 'refresh_token_expired', 'refused'],
    [400, 'expired_refresh_token', 'refused'],
    [400, 'refresh_token_invalid', 'refused'],
    [400, 'refresh_token_revoked', 'refused'],
    [401, 'invalid_client', 'client-refused'],
    [400, 'invalid_client', 'client-refused'],
    [400, 'unauthorized_client', 'client-refused'],
    [400, 'incorrect_client_credentials', 'client-refused'],
    [400, 'invalid_client_id', 'client-refused'],
    [400, 'invalid_client_secret', 'client-refused'],
    [400, 'invalid_client_credentials', 'client-refused'],
    [400, 'bad_client_credentials', 'client-refused'],
    [400, 'unsupported_grant_type', 'configuration'],
    [400, 'invalid_scope', 'configuration'],
    [400, 'invalid_request', 'configuration'],
    [400, 'invalid_target', 'configuration'],
    [400, 'temporarily_unavailable', 'unsure'],
    [403, 'server_error', 'unanswered'],
    [400, 'slow_down', 'throttled'],
    [403, 'rate_limit_exceeded', 'throttled'],
    [400, 'ratelimited', 'throttled'],
    [400, 'rate_limited', 'throttled'],
    [400, 'too_many_requests', 'throttled'],
    [429, 'invalid_grant', 'throttled'],
  ])('%i %s is %s', async (status, error, kind) => {
    expect(await judged(status, { error })).toMatchObject({ kind, code: error, status });
  });

  it.each([
    ['invalid_grant', 'login rate exceeded'],
    ['Access Denied', 'You have made too many requests continuously. Please try again after some time.'],
    ['access_denied', 'Rate limit reached'],
    ['invalid_grant', 'Client was ratelimited'],
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

  it.each([
    ['status', 'invalid_grant', 'refused'],
    ['code', 'ratelimited', 'throttled'],
  ])('a code that stands in "%s" is one: %s', async (name, code, kind) => {
    expect(await judged(400, { [name]: code, message: 'x' })).toMatchObject({ kind, code });
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

describe('a redirect is never a refusal, whatever its body says', () => {
  it.each([300, 302, 399])('at %i', async (status) => {
    for (const error of ['invalid_grant', 'invalid_client']) {
      const rules = { invalidGrant: ['invalid_grant'] };
      expect(await judged(status, { error }, { errors: rules })).toMatchObject({ kind: 'unsure', status });
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
    'Rate limit exceeded: access_token not expired',
    'The access token has not expired yet',
    "Token hasn't expired",
    'access token is still valid',
    'It is too early to refresh this token',
    'Refresh attempted too soon',
  ])('that say it is too early for another token refuse none, and say so: %s', async (error_description) => {
    for (const error of ['invalid_grant', 'invalid_request', 'access_denied']) {
      const judgement = await judged(400, { error, error_description });
      expect(judgement.isEarly).toBe(true);
      expect(judgement.kind).not.toBe('refused');
    }
    expect((await judged(500, { error: 'server_error', error_description })).isEarly).toBe(false);
  });

  it.each([
    'The refresh token was not found or expired',
    'Refresh token is not valid or has expired',
    'The refresh token has expired',
    'The token expired too soon',
  ])('that speak of an end say nothing of that: %s', async (error_description) => {
    const judgement = await judged(400, { error: 'invalid_grant', error_description });
    expect(judgement).toMatchObject({ isEarly: false, kind: 'refused' });
  });

  it.each([
    ['server_error', 'unanswered'],
    ['slow_down', 'throttled'],
    ['invalid_scope', 'configuration'],
  ])('that speak of a moment change nothing where nothing is refused: %s', async (error, kind) => {
    expect((await judged(400, { error, error_description: 'Please try again' })).kind).toBe(kind);
  });

  it.each([
    ['unauthorized_client', 'refresh token is invalid'],
    ['unauthorized_client', 'refreshToken is invalid'],
    ['invalid_request', 'Expired refreshToken'],
    ['invalid_request', 'Invalid OAuth refresh token'],
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
