import { describe, expect, it } from 'vitest';
import { redact } from '../../../../functions/oauth/response/redact.ts';
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

  it('covers no end that is shorter', () => {
    const secret = new Secret('0123456789abcdefghij');
    expect(redact('it ends in efghij', [secret])).toBe('it ends in efghij');
  });

  it('covers what stands at the start', () => {
    expect(redact('abcdefghijkl is wrong', [new Secret('abcdefghijkl')])).toBe('[redacted] is wrong');
  });

  it.each([
    ['as it is', 'hunter2', 'hunter2'],
    ['as JSON has it', 'hun"r2', 'hun\\"r2'],
    ['as a URL has it', 'p w', 'p%20w'],
    ['as a form has it', 'a b/c', 'a+b%2Fc'],
  ])('covers a short secret whole, %s', (_, value, text) => {
    expect(redact(`wrong: ${text}`, [new Secret(value)])).toBe('wrong: [redacted]');
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

/** Every way in which a provider, a proxy or a log may write what it was sent. */
const FORMS: readonly [string, (value: string) => string][] = [
  ['as it is', (value) => value],
  ['in lower case', (value) => value.toLowerCase()],
  ['in upper case', (value) => value.toUpperCase()],
  ['in base64', (value) => Buffer.from(value).toString('base64')],
  ['in base64url', (value) => Buffer.from(value).toString('base64url')],
  ['in the base64 of HTTP Basic', (value) => Buffer.from(`id:${value}`).toString('base64')],
  ['in base64 with one byte before it', (value) => Buffer.from(`:${value}:`).toString('base64')],
  ['in base64 with two bytes before it', (value) => Buffer.from(`a:${value}`).toString('base64')],
  ['in hexadecimal', (value) => Buffer.from(value).toString('hex')],
  ['in hexadecimal, upper case', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ['percent-encoded where it must be', encodeURIComponent],
  ['percent-encoded as a form', (value) => new URLSearchParams({ '': value }).toString().slice(1)],
  [
    'percent-encoded all through, lower case',
    (value) => Buffer.from(value).toString('hex').replace(/../g, '%$&'),
  ],
  ['in JSON', (value) => JSON.stringify(value).slice(1, -1)],
  ['in JSON that escapes slashes', (value) => JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')],
  [
    'in JSON that escapes all',
    (value) => [...value].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  ],
];

describe.each(FORMS)('a secret %s', (_, write) => {
  const value = 'q7/Zx+Kp9=Wm2"Tv8_Rb4-Yd6Ü';

  it('is covered', () => {
    const shown = redact(`wrong: ${write(value)} (trace 1)`, [new Secret(value)]);
    expect(shown).toMatch(/^wrong: .{0,5}\[redacted\].{0,5} \(trace 1\)$/u);
  });

  it('leaves no more than the edge of a quoted piece of a token', () => {
    // The first and the last byte of base64 hold bits of what stands around.
    const piece = write(value.slice(2, 14));
    const shown = redact(`near ${piece} here`, [{ token: new Secret(value) }]);
    expect(shown).toMatch(/^near .{0,5}\[redacted\].{0,5} here$/u);
  });
});

describe('a short piece', () => {
  const value = '0123456789abcdefghij';

  it('of a token is covered from six characters on', () => {
    expect(redact('it ends in efghij', [{ token: new Secret(value) }])).toBe('it ends in [redacted]');
    expect(redact('it ends in fghij', [{ token: new Secret(value) }])).toBe('it ends in fghij');
  });

  it('of another secret may be a word of the sentence', () => {
    const secret = new Secret('my-client-secret');
    expect(redact('the client is unknown', [secret])).toBe('the client is unknown');
  });

  it('of a very short secret is not looked for in encodings, where it would be everywhere', () => {
    expect(redact('trace 6161 YWE', [new Secret('aa')])).toBe('trace 6161 YWE');
  });
});

it('covers where it was found, though letters change their length with their case', () => {
  expect(redact('İİİ secretvalue İ', [new Secret('SECRETVALUE')])).toBe('İİİ [redacted] İ');
});
