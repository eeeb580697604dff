import { describe, expect, test } from 'vitest';
import { checkConnection, declaredPlace } from '../../../functions/connections/check-connection.ts';
import { FIT_LIMITS, scaleFitLimits } from '../../../functions/connections/fit-limits.ts';
import { parseConnection } from '../../../functions/connections/parse/parse-connection.ts';
import { providerPresetSchema } from '../../../functions/connections/provider-preset.ts';

const orders = { tokenUrl: 'https://idp.example.com/token', credentials: 'orders' };
const check = (
  change: object,
  ...rest: [Parameters<typeof checkConnection>[2]?, Parameters<typeof checkConnection>[3]?]
) => checkConnection('orders', parseConnection({ ...orders, ...change }, 'orders'), ...rest);

const preset = providerPresetSchema.parse({
  schema: 1,
  id: 'acme',
  name: 'Acme',
  docsUrl: 'https://acme.example/docs',
  tokenUrl: 'https://acme.example/token',
  grants: ['refresh_token'],
  supportedGrants: ['refresh_token', 'client_credentials'],
  defaultLifetimeSeconds: 1200,
});

test('a preset that cannot be applied is an error with its path', () => {
  expect(check({ provider: 'acme', placeholders: { x: 'y' } }, preset)).toEqual([
    { level: 'error', message: 'connections.orders.placeholders: Acme has no placeholder "x"; it has none' },
  ]);
});

test('a lifetime that does not fit is an error with its remedy', () => {
  const [problem] = check({ defaultLifetimeSeconds: 1000, publishTo: 'secret' });
  expect(problem?.level).toBe('error');
  expect(problem?.message).toMatch(
    /^connections\.orders\.defaultLifetimeSeconds: a token that lives 1000 s .*: set "publishTo" to "parameter", .*, or have the provider issue tokens/,
  );
});

test('the preset’s lifetime counts before the connection’s, as it does when a token is refreshed', () => {
  const [problem] = check({ defaultLifetimeSeconds: 7200, publishTo: 'secret' }, preset);
  expect(problem?.message).toContain('a token that lives 1200 s');
  expect(problem?.message).toContain('the secrets of the token and of its refresh token');
});

test('a refresh token that never rotates leaves one secret to write', () => {
  const never = { ...preset, refreshToken: { ...preset.refreshToken, rotates: 'never' as const } };
  expect(check({ publishTo: 'secret' }, never)[0]?.message).toContain('and its secret would be written');
});

test('an inactivity window counts only for those who refresh', () => {
  const idle = {
    ...preset,
    defaultLifetimeSeconds: 3600,
    refreshToken: { ...preset.refreshToken, inactivitySeconds: 1500 },
  };
  expect(check({}, idle)).toHaveLength(1);
  expect(check({ grants: ['client_credentials'] }, idle)).toEqual([]);
});

test('a token elsewhere that the console is to rotate is an error', () => {
  const token = { secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:mine-AbCdEf' };
  expect(check({ token, consoleRotate: true })).toEqual([
    {
      level: 'error',
      message:
        'connections.orders.consoleRotate: the console rotates only <namespace>/tokens/<name>, and "token" names another: leave one of them out',
    },
  ]);
  expect(check({ token, consoleRotate: false })).toEqual([]);
  expect(check({ consoleRotate: true })).toEqual([]);
});

test('the password grant is flagged', () => {
  expect(check({ grants: ['password'] })).toEqual([
    {
      level: 'warning',
      message: expect.stringMatching(/^connections\.orders\.grants: "password" .* RFC 9700 section 2\.4/),
    },
  ]);
});

test('client credentials without authentication are flagged', () => {
  expect(check({ clientAuthentication: 'none' })).toEqual([
    { level: 'warning', message: expect.stringContaining('RFC 6749 section 4.4') },
  ]);
  expect(check({ clientAuthentication: 'none', grants: ['refresh_token'] })).toEqual([]);
});

test('limits can be scaled', () => {
  expect(
    check({ defaultLifetimeSeconds: 60, readerCacheSeconds: 5 }, undefined, scaleFitLimits(FIT_LIMITS, 60)),
  ).toEqual([]);
});

test('a good connection has no problems', () => {
  expect(check({})).toEqual([]);
});

test('an experimental preset is refused until it is accepted, with what was not verified', () => {
  const verified = { ...preset, verifiedAt: '2026-01-01', defaultLifetimeSeconds: 3600 };
  const named = { provider: 'acme', tokenUrl: undefined };
  const refused = (given: typeof verified, more: object = {}) =>
    check({ ...named, ...more }, given).filter(({ message }) => message.includes('experimental'));
  expect(refused(verified)).toEqual([]);
  expect(refused({ ...verified, recalled: ['tokenUrl', 'grants'] })).toEqual([
    {
      level: 'error',
      message:
        'connections.orders.provider: the preset of Acme is experimental: tokenUrl, grants was not verified against its documentation: compare it with https://acme.example/docs, and set "acceptExperimental": true',
    },
  ]);
  const { verifiedAt: _, ...unverified } = verified;
  expect(refused(unverified as typeof verified)[0]?.message).toContain(
    'is experimental: it was not verified',
  );
  expect(refused(unverified as typeof verified, { acceptExperimental: true })).toEqual([]);
});

test('what the provider insists on must be given, except where only a refresh is asked for', () => {
  const request = {
    ...preset.request,
    requiredParameters: { audience: 'the API that the token is for', scope: 'what it may do' },
  };
  const demanding = { ...preset, defaultLifetimeSeconds: 3600, request };
  const both = { grants: ['client_credentials'] };
  expect(check(both, demanding)).toEqual([
    {
      level: 'error',
      message:
        'connections.orders.parameters.audience: is missing, and the provider needs it: the API that the token is for',
    },
    {
      level: 'error',
      message: 'connections.orders.scope: is missing, and the provider needs it: what it may do',
    },
  ]);
  expect(check({ ...both, scope: 'read', parameters: { audience: 'x' } }, demanding)).toEqual([]);
  expect(check({ grants: ['refresh_token'] }, demanding)).toEqual([]);
});

test('a budget that one connection overdraws is an error, one that it nearly fills a warning', () => {
  // A token of an hour with a margin of ten minutes is refreshed every 2,700 s: 32 times a day.
  const allowing = (calls: number) => ({
    ...preset,
    defaultLifetimeSeconds: 3600,
    budgets: [{ calls, perSeconds: 86_400, scope: 'client' as const }],
  });
  const levels = (calls: number) =>
    check({ grants: ['client_credentials'] }, allowing(calls)).map(({ level }) => level);
  expect([levels(31), levels(32), levels(63), levels(64)]).toEqual([['error'], ['warning'], ['warning'], []]);
  expect(check({ grants: ['client_credentials'] }, allowing(5))[0]?.message).toContain(
    'Acme allows one client 5 token requests in 86400 s, and a token that lives 3600 s is refreshed 32 times in that',
  );
});

test('quirk 52: readers are warned where a refresh ends the token before it', () => {
  const ending = { ...preset, defaultLifetimeSeconds: 3600, accessToken: { endsPrevious: true } };
  expect(check({}, ending)).toEqual([
    {
      level: 'warning',
      message: expect.stringContaining('a refresh ends the access token before it at once'),
    },
  ]);
});

test('quirk 43: a provider that refuses an early refresh leaves little margin, which readers must bear', () => {
  const late = (earliestRefreshSeconds: number) => ({
    ...preset,
    defaultLifetimeSeconds: 3600,
    accessToken: { endsPrevious: false, earliestRefreshSeconds },
  });
  expect(check({}, late(60))).toEqual([
    { level: 'warning', message: expect.stringContaining('only in the last 60 s of one') },
  ]);
  expect(check({}, late(300))[0]).toMatchObject({
    level: 'error',
    message: expect.stringContaining('the margin is 300 s'),
  });
});

describe('a lifetime that is too short for a secret', () => {
  test('fits a parameter, which is chosen where nobody says otherwise', () => {
    expect(check({ defaultLifetimeSeconds: 1000, readerCacheSeconds: 60 })).toEqual([]);
    // Woken in time: half of 300 s is the cache, and twice what a late wake-up and a refresh take, and a wait.
    expect(check({ defaultLifetimeSeconds: 300, readerCacheSeconds: 30 })).toEqual([]);
    expect(check({ defaultLifetimeSeconds: 300, readerCacheSeconds: 31 }).map(({ level }) => level)).toEqual([
      'warning',
    ]);
  });

  test('is told of the other place where somebody chose the secret, unless that one is their own', () => {
    const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:own-AbCdEf';
    const remedyOf = (change: object) => check({ defaultLifetimeSeconds: 1000, ...change })[0]?.message;
    expect(remedyOf({ publishTo: 'secret' })).toContain('set "publishTo" to "parameter"');
    expect(remedyOf({ token: { secretArn } })).not.toContain('publishTo');
  });

  test.each([
    ['parameter', { defaultLifetimeSeconds: 300 }],
    ['parameter', { publishTo: 'parameter' }],
    ['secret', {}],
    ['secret', { defaultLifetimeSeconds: 300, publishTo: 'secret' }],
    ['parameter', { defaultLifetimeSeconds: 300, grants: ['refresh_token'] }],
  ])('is in the %s for %j', (place, change) => {
    expect(declaredPlace(parseConnection({ ...orders, ...change }, 'orders'))).toBe(place);
  });

  test('is held against what readers cache all the same', () => {
    const [problem] = check({ defaultLifetimeSeconds: 300 });
    expect(problem).toMatchObject({
      level: 'error',
      message: expect.stringContaining('the margin is 150 s'),
    });
  });

  test('fits nothing below some four minutes', () => {
    const [problem] = check({ defaultLifetimeSeconds: 240, readerCacheSeconds: 0 });
    expect(problem).toMatchObject({
      level: 'error',
      message: expect.stringContaining('a try that fails needs another in time: 2 ticks, 120 s'),
    });
  });

  test('fits where a refresh token rotates as well, which goes round in secrets, unless somebody chose one', () => {
    for (const more of [{}, { publishTo: 'parameter' }]) {
      expect(check({ ...more, readerCacheSeconds: 0 }, preset)).toEqual([]);
    }
    const [problem] = check({ publishTo: 'secret' }, preset);
    expect(problem?.message).toContain('the secrets of the token and of its refresh token');
    expect(problem?.message).toContain('set "publishTo" to "parameter"');
  });
});
