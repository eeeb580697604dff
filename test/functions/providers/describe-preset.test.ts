import { describe, expect, it } from 'vitest';
import {
  accessTokenText,
  authenticationText,
  budgetTexts,
  refreshTokenText,
  verificationText,
  wholeDuration,
} from '../../../functions/providers/describe-preset.ts';
import { quirksOf } from '../../../functions/providers/quirks.ts';
import { acme } from '../../cli/providers/acme.ts';

it.each([
  [86_400, '1 day'],
  [90 * 86_400, '90 days'],
  [3600, '1 hour'],
  [5400, '90 minutes'],
  [1667, '1,667 seconds'],
  [1, '1 second'],
])('%s seconds are %s', (seconds, text) => {
  expect(wholeDuration(seconds)).toBe(text);
});

it.each([
  [{}, 'verified on 2026-01-01'],
  [{ recalled: ['a', 'b.c'] }, 'experimental: verified on 2026-01-01, recalled: a, b.c'],
  [{ verifiedAt: undefined }, 'experimental: not verified'],
  [{ verifiedAt: undefined, recalled: ['a'] }, 'experimental: not verified, recalled: a'],
])('%j is %s', (fields, text) => {
  expect(verificationText(acme(fields))).toBe(text);
});

it.each([
  [{ examples: undefined }, 'as long as the answer or the token itself says, else as the connection does'],
  [{}, 'as long as the answer says, 1 hour in the examples'],
  [{ defaultLifetimeSeconds: 7200 }, '2 hours, where the answer does not say'],
  [
    { request: { assertion: { use: 'token', lifetimeSeconds: 1200 } } },
    'signed by the client, for 20 minutes',
  ],
  [
    { defaultLifetimeSeconds: 600, accessToken: { endsPrevious: true, earliestRefreshSeconds: 30 } },
    '10 minutes, where the answer does not say; another comes at the earliest 30 seconds before its end; ' +
      'a refresh ends the one before it at once',
  ],
  [
    {
      examples: [],
      accessToken: { presentation: { header: 'X-Token', scheme: '', headers: { 'X-Kind': 'k' } } },
    },
    'as long as the answer or the token itself says, else as the connection does; ' +
      'goes into the header `X-Token` as `…`; beside `X-Kind=k`',
  ],
])('an access token by %j: %s', (fields, text) => {
  expect(accessTokenText(acme(fields))).toBe(text);
});

const refreshing = { grants: ['refresh_token'] };

it.each([
  [{}, undefined],
  [{ supportedGrants: ['client_credentials', 'refresh_token'] }, 'a refresh may replace it'],
  [{ ...refreshing, refreshToken: { rotates: 'never' } }, 'stays the same'],
  [
    {
      ...refreshing,
      refreshToken: {
        rotates: 'always',
        graceSeconds: 60,
        lifetimeSeconds: 864_000,
        inactivitySeconds: 3600,
      },
    },
    'single use: each refresh brings the next one; a used one still answers for 1 minute; ' +
      'ends 10 days after it was first issued, whatever is refreshed; dies when it is not used for 1 hour',
  ],
  [
    { ...refreshing, refreshToken: { jwtExpiry: true, notFromGrants: ['password'] } },
    'a refresh may replace it; a JWT that says its own end; not kept where `password` brought it',
  ],
])('a refresh token by %j: %s', (fields, text) => {
  expect(refreshTokenText(acme(fields))).toBe(text);
});

it('budgets are said for whom they are', () => {
  const budgets = [
    { calls: 5, perSeconds: 86_400 },
    { calls: 1000, perSeconds: 600, scope: 'provider' },
  ];
  expect(budgetTexts(acme({ budgets }))).toEqual([
    '5 token requests a day, for each client',
    '1,000 token requests in 10 minutes, for all clients together',
  ]);
});

it.each([
  [{}, '`client_secret_basic`'],
  [
    {
      clientAuthenticationByGrant: { refresh_token: 'none' },
      basicEncoding: 'raw',
      basicScheme: 'ID',
      clientCertificate: true,
    },
    "`client_secret_basic`; `none` for `refresh_token`; id and secret are not encoded before base64; the scheme is called `ID`; the TLS handshake shows the client's certificate",
  ],
  [
    {
      assertion: {
        use: 'bearer',
        algorithms: ['RS256'],
        lifetimeSeconds: 540,
        jti: false,
        claims: { iss: 'x' },
      },
    },
    'a JWT goes into the Authorization header, signed with RS256, for 9 minutes, without `jti`, with `iss` as the provider wants them',
  ],
])('the client by %j: %s', (request, text) => {
  expect(authenticationText(acme({ request }))).toBe(text);
});

describe('quirks', () => {
  it('of a provider that follows RFC 6749 are none', () => {
    expect(quirksOf(acme())).toEqual([]);
  });

  it.each([
    [{ refreshUrl: 'https://a.example/r' }, 'refreshes go to `https://a.example/r`'],
    [{ request: { method: 'GET' } }, 'asked by GET'],
    [{ request: { parameterLocation: 'query' } }, 'parameters stand in the query'],
    [{ request: { bodyFormat: 'json' } }, 'the request is JSON'],
    [{ request: { bodyFormat: 'none' } }, 'the request has no body'],
    [{ request: { parameterNames: { client_id: 'app_id' } } }, '`client_id` is called `app_id`'],
    [{ request: { parameters: { a: ['1', '2'] } } }, 'sends `a=1,2`'],
    [{ request: { parametersByGrant: { password: { a: '1' } } } }, 'sends `a=1` with `password`'],
    [{ request: { sendOnly: { password: ['username'] } } }, 'sends only `username` with `password`'],
    [{ request: { headers: { 'x-a': '1' } } }, 'sends the header `x-a: 1`'],
    [{ request: { scopeSeparator: ',' } }, 'scopes are joined by `,`'],
    [{ request: { defaultScope: 'all' } }, 'asks for `all` where no scope is declared'],
    [{ response: { path: ['data', 'token'] } }, 'the answer stands in `data.token`'],
    [{ response: { fields: { access_token: 'token' } } }, '`access_token` is read from `token`'],
    [{ response: { expiresInUnit: 'minutes' } }, '`expires_in` is in minutes'],
    [{ response: { expiresAtField: 'expires_at' } }, 'the end is the instant in `expires_at`'],
    [
      { response: { refreshTokenExpiresInField: 'rt_ttl' } },
      "the refresh token's lifetime is read from `rt_ttl`",
    ],
    [{ response: { successStatus: [200, 201] } }, 'a success is only HTTP 200 or 201'],
    [{ response: { successWhen: { code: [0, '0'] } } }, 'a success has `code` `0` or `0`'],
    [{ response: { extras: ['instance_url'] } }, 'publishes `instance_url` with the token'],
    [
      { errors: { codePaths: ['error.type'], messagePaths: ['error.text'] } },
      'errors stand in `error.type`, `error.text`',
    ],
    [{ errors: { invalidGrant: ['gone'] } }, '`gone` means a dead refresh token or assertion'],
    [{ errors: { throttled: ['slow', 'stop'] } }, '`slow`, `stop` mean too many requests'],
    [
      { revocation: { url: 'https://a.example/revoke', style: 'bearer-and-token' } },
      'a token is revoked with the access token as Bearer',
    ],
  ])('%j: %s', (fields, text) => {
    expect(quirksOf(acme(fields))).toEqual([text]);
  });
});
