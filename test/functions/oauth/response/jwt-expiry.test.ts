import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { jwtExpirySeconds } from '../../../../functions/oauth/response/jwt-expiry.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';

const encode = (text: string) => Buffer.from(text).toString('base64url');
const withPayload = (payload: string) => new Secret(`${encode('{"alg":"none"}')}.${encode(payload)}.`);
/** With `/` in its midst and padding at its end. */
const STANDARD_BASE64 = Buffer.from('{"exp":1700000000,"a":"???"}').toString('base64');

describe('no expiry', () => {
  it.each([
    ['an opaque token', canarySecret('opaque')],
    ['an empty one', ''],
    ['two dots and nothing else', '..'],
    ['two parts', `${encode('{}')}.${encode('{"exp":1}')}`],
    ['five parts, a JWE', `${encode('{}')}.${encode('{"exp":1700000000}')}.a.b.c`],
    ['a payload that is no base64url', `e30.!!!.x`],
    ['a payload of standard base64', `e30.${STANDARD_BASE64}.x`],
    ['one without its padding', `e30.${STANDARD_BASE64.replaceAll('=', '')}.x`],
    ['more than a secret can hold', withPayload(`{"exp":1700000000,"a":"${'x'.repeat(65_536)}"}`).reveal()],
  ])('in %s', (_, token) => expect(jwtExpirySeconds(new Secret(token))).toBeUndefined());

  it.each([
    'null',
    '[1700000000]',
    '"exp"',
    '1700000000',
    '{}',
    '{"exp":',
    '{"exp":null}',
    '{"exp":"1700000000"}',
    '{"exp":0}',
    '{"exp":-1}',
    '{"exp":0.5}',
    '{"exp":true}',
    '{"exp":1e400}',
    '{"exp":253402300800}',
    '{"exp":1700000000000}',
  ])('in the claims %s', (payload) => expect(jwtExpirySeconds(withPayload(payload))).toBeUndefined());
});

it('reads exp of signed and unsigned tokens', async () => {
  const signed = await new SignJWT({ exp: 1_700_000_000 })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(canarySecret('a-signing-key-of-32-characters')));
  const unsigned = new UnsecuredJWT({ exp: 1_700_000_001 }).encode();
  expect(jwtExpirySeconds(new Secret(signed))).toBe(1_700_000_000);
  expect(jwtExpirySeconds(new Secret(unsigned))).toBe(1_700_000_001);
});

it('reads a token that only just fits a secret', () => {
  const unsigned = withPayload('{"exp":1700000000}').reveal();
  const largest = new Secret(unsigned.padEnd(65_536, 'x'));
  expect(largest.byteLength).toBe(65_536);
  expect(jwtExpirySeconds(largest)).toBe(1_700_000_000);
  expect(jwtExpirySeconds(new Secret(`${largest.reveal()}x`))).toBeUndefined();
});

it.each([
  ['{"exp":1}', 1],
  ['{"exp":1700000000.9}', 1_700_000_000],
  ['{"exp":253402300799}', 253_402_300_799],
])('reads %s', (payload, seconds) => expect(jwtExpirySeconds(withPayload(payload))).toBe(seconds));
