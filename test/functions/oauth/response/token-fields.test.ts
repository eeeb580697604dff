import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { responseRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import { readTokenSet } from '../../../../functions/oauth/response/token-fields.ts';
import { canarySecret } from '../../../support/canary.ts';

const NOW = Date.UTC(2026, 0, 1);
const ACCESS = canarySecret('access');
const REFRESH = canarySecret('refresh');

/** What is read of an answer, as it comes off the wire. */
function read(fields: object, rules: z.input<typeof responseRulesSchema> = {}) {
  return readTokenSet(JSON.parse(JSON.stringify(fields)), responseRulesSchema.parse(rules), NOW);
}

const withToken = (fields: object) => ({ access_token: ACCESS, token_type: 'Bearer', ...fields });

describe('tokens', () => {
  it.each(['\n', '\r\n', '\r\n\r\n'])('are read without the line breaks at their ends: %j', (breaks) => {
    const token = read({
      access_token: `${breaks}${ACCESS}${breaks}`,
      refresh_token: `${breaks}${REFRESH}${breaks}`,
    });
    expect(token.access_token?.reveal()).toBe(ACCESS);
    expect(token.refresh_token?.reveal()).toBe(REFRESH);
  });

  it('that are nothing but line breaks are none', () => {
    const token = read({ access_token: '\r\n', refresh_token: '\n' });
    expect(token).not.toHaveProperty('access_token');
    expect(token).not.toHaveProperty('refresh_token');
  });

  it.each([undefined, null, '', 0, [], {}])('a refresh token that is %j is none', (refresh_token) => {
    const token = read(withToken({ refresh_token, id_token: refresh_token }));
    expect(token).not.toHaveProperty('refresh_token');
    expect(token).not.toHaveProperty('id_token');
  });

  it('show nothing when they are printed', () => {
    const token = read(withToken({ refresh_token: REFRESH, id_token: canarySecret('id') }));
    expect(JSON.stringify(token)).not.toContain('CANARY');
  });
});

describe('what an answer says of its token', () => {
  it('has no key for what it does not say', () => {
    expect(Object.keys(read({ access_token: ACCESS }))).toEqual(['access_token', 'token_type', 'extras']);
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
    expect(read(withToken({ token_type })).token_type).toBe(expected);
  });

  it.each([
    ['a b', 'a b'],
    [' a  b ', 'a b'],
    ['a,b', 'a b'],
    ['a,,b', 'a b'],
    ['a, b', 'a b'],
    [['a', 'b', 1, null], 'a b'],
    ['', undefined],
    [' ', undefined],
    [[], undefined],
    [null, undefined],
    [7, undefined],
    [{ a: 1 }, undefined],
    ['a \u001b[31mb\r\nX-Evil:\u0000 c', 'a c'],
  ])('scope %j is %j', (scope, expected) => expect(read(withToken({ scope })).scope).toBe(expected));

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
    const token = read(answer, {
      fields: { refresh_token: 'refreshToken' },
      extras: [...names, 'refresh_token', 'refreshToken', 'access_token', 'id_token'],
    });
    expect(token.extras).toEqual({ instance_url: 'https://acme.example', count: 2, sandbox: false });
  });
});

describe('the lifetime of an access token', () => {
  it.each([
    [3600, 3600],
    ['3600', 3600],
    ['3599.9', 3599],
    ['3599.95', 3599],
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
    expect(read(withToken({ expires_in })).expiresInSeconds).toBe(expected);
    const refresh = read(withToken({ rx: expires_in }), { refreshTokenExpiresInField: 'rx' });
    // Zero says here that there is no end.
    expect(refresh.refreshTokenExpiresInSeconds).toBe(expected || undefined);
  });

  it('a literal that is no finite number is no lifetime', () => {
    const fields = JSON.parse('{"expires_in":1e999}');
    expect(readTokenSet(fields, responseRulesSchema.parse({}), NOW).expiresInSeconds).toBeUndefined();
  });

  it.each([
    [3_600_000, 3600],
    ['3600999', 3600],
    [999, 0],
  ])('%j milliseconds are %j seconds, where the rules say milliseconds', (expires_in, expected) => {
    expect(read(withToken({ expires_in }), { expiresInUnit: 'milliseconds' }).expiresInSeconds).toBe(
      expected,
    );
  });

  it.each([
    ['2026-01-01T01:00:00Z', 3600],
    ['2026-01-01T01:00:00.000Z', 3600],
    ['2026-01-01T02:00:00+01:00', 3600],
    ['2026-01-01T02:00:00+0100', 3600],
    ['2025-12-31T23:30:00-01:30', 3600],
    [NOW / 1000 + 3600, 3600],
    [String(NOW / 1000 + 3600), 3600],
    ['2026-01-01T00:00:00Z', undefined],
    ['2025-12-31T00:00:00Z', undefined],
    ['2026-01-01T01:00:00', undefined],
    ['2026-01-01T01:00:00Z\0', undefined],
    ['+002026-01-01T01:00:00Z', undefined],
    [['2026-01-01T01:00:00Z'], undefined],
    ['tomorrow', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('an expiry at %j leaves %j seconds from the start of the request', (at, expected) => {
    expect(read(withToken({ expires_at: at }), { expiresAtField: 'expires_at' }).expiresInSeconds).toBe(
      expected,
    );
  });

  it('a lifetime comes before an instant, and the instant is read only where the rules name it', () => {
    const answer = withToken({ expires_in: 60, expires_at: '2026-01-01T01:00:00Z' });
    expect(read(answer, { expiresAtField: 'expires_at' }).expiresInSeconds).toBe(60);
    const unnamed = withToken({ expires_at: '2026-01-01T01:00:00Z', undefined: NOW / 1000 + 60 });
    expect(read(unnamed).expiresInSeconds).toBeUndefined();
  });

  it.each(['expires_in_sec', 'expires_in_seconds'])('is in seconds in %s, whatever the unit', (name) => {
    const rules = { expiresInUnit: 'milliseconds' } as const;
    expect(read(withToken({ [name]: 3600 }), rules).expiresInSeconds).toBe(3600);
    expect(read(withToken({ [name]: '3600', expires_in: 60_000 }), rules).expiresInSeconds).toBe(3600);
    expect(read(withToken({ [name]: 'soon', expires_in: 60_000 }), rules).expiresInSeconds).toBe(60);
  });

  it('that is said in seconds too was in another unit where it is said first', () => {
    const both = withToken({ expires_in: 3_600_000, expires_in_sec: 3600 });
    expect(read(both).expiresInMilliseconds).toBe(true);
    expect(read(withToken({ expires_in: 3600 }))).not.toHaveProperty('expiresInMilliseconds');
    expect(read(withToken({ expires_in_sec: 3600 }))).not.toHaveProperty('expiresInMilliseconds');
  });

  it('that is said in seconds too is compared under the name of the rules', () => {
    const both = withToken({ expiresIn: 3_600_000, expires_in_sec: 3600 });
    expect(read(both, { fields: { expires_in: 'expiresIn' } }).expiresInMilliseconds).toBe(true);
  });
});

describe('the lifetime of a refresh token', () => {
  it.each(['refresh_token_expires_in', 'refresh_expires_in', 'x_refresh_token_expires_in'])(
    'is read from %s, in seconds',
    (name) => {
      const rules = { expiresInUnit: 'milliseconds' } as const;
      expect(read(withToken({ [name]: 86_400 }), rules).refreshTokenExpiresInSeconds).toBe(86_400);
    },
  );

  it('is that of the field that the rules name, where it says one', () => {
    const rules = { refreshTokenExpiresInField: 'rx' };
    const fields = withToken({ rx: 60, refresh_expires_in: 86_400, undefined: 30 });
    expect(read(fields, rules).refreshTokenExpiresInSeconds).toBe(60);
    expect(read({ ...fields, rx: null }, rules).refreshTokenExpiresInSeconds).toBe(86_400);
    expect(read(fields).refreshTokenExpiresInSeconds).toBe(86_400);
  });
});
