import { describe, expect, it } from 'vitest';
import { redact } from '../../../../functions/oauth/response/safe-message.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { fakeSecret } from '../../../support/token-input.ts';

describe('redact', () => {
  it('leaves ordinary words alone', () => {
    const words = 'The refresh token is unknown, expired or revoked (trace 01234567-89ab).';
    expect(redact(words, [fakeSecret('a'), new Secret('')])).toBe(words);
  });

  it('covers every occurrence, side by side and overlapping', () => {
    const [one, other] = [new Secret('abcdefghijkl'), new Secret('ghijklmnopqr')];
    expect(redact('x abcdefghijkl y abcdefghijklmnopqr z', [one, other])).toBe('x [redacted] y [redacted] z');
  });

  it('covers pieces from eight characters on, from the start, the middle and the end', () => {
    const secret = new Secret('0123456789abcdefghij');
    expect(redact('0123456… …89abcdef… …cdefghij', [secret])).toBe('0123456… …[redacted]… …[redacted]');
  });

  it('covers a short secret whole', () => {
    expect(redact('wrong: hunter2', [new Secret('hunter2')])).toBe('wrong: [redacted]');
  });

  it.each(['"quoted\\back\n"', 'a b&c=d+e/f%20', 'ünïcödé-ŝecret', '\ud800lone-surrogate'])(
    'covers %j as JSON, URL and form write it',
    (value) => {
      const secret = new Secret(value);
      const url = encodeURIComponent(value.toWellFormed());
      for (const text of [value, JSON.stringify(value), url, new URLSearchParams({ '': value }).toString()]) {
        expect(redact(`<${text}>`, [secret])).toMatch(/^<["=]{0,2}\[redacted\]"?>$/);
      }
    },
  );

  it('covers what looks like a token that nobody here has seen', () => {
    expect(redact('issued eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln to you', [])).toBe(
      'issued [redacted] to you',
    );
  });
});
