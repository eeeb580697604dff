import { expect, test } from 'vitest';
import { checkConnection } from '../../../functions/connections/check-connection.ts';
import { FIT_LIMITS, scaleFitLimits } from '../../../functions/connections/fit.ts';
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
  const [problem] = check({ defaultLifetimeSeconds: 1000 });
  expect(problem?.level).toBe('error');
  expect(problem?.message).toMatch(
    /^connections\.orders\.defaultLifetimeSeconds: a token that lives 1000 s .*: have the provider issue tokens/,
  );
});

test('the preset’s lifetime counts before the connection’s, as it does when a token is refreshed', () => {
  const [problem] = check({ defaultLifetimeSeconds: 7200 }, preset);
  expect(problem?.message).toContain('a token that lives 1200 s');
  expect(problem?.message).toContain('the secrets of the token and of its refresh token');
});

test('a refresh token that never rotates leaves one secret to write', () => {
  const never = { ...preset, refreshToken: { ...preset.refreshToken, rotates: 'never' as const } };
  expect(check({}, never)[0]?.message).toContain('and its secret would be written');
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
