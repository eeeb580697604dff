import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import {
  declaredParameterWrites,
  parameterWrites,
  tooManyParameterWrites,
} from '../../../functions/connections/parameter-writes.ts';
import { RFC_PRESET } from '../../../functions/connections/resolve-connection.ts';

const IDP: Connection = {
  schema: 1,
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'idp',
  readerCacheSeconds: 30,
};
const FIVE_MINUTES: Connection = { ...IDP, defaultLifetimeSeconds: 300 };

/** Of so many connections alike. */
const fleet = (count: number, connection: Connection) =>
  Array.from({ length: count }, () => declaredParameterWrites(connection));

describe('writes of parameters a second', () => {
  test.each([
    // With the default margin of half a short life, and 0.9 of what is left for jitter.
    [300, undefined, 135],
    [600, 270, 297],
    [900, 270, 567],
  ])('of a token of %i s with a margin of %s s are one in %i s', (lifetimeSeconds, marginSeconds, every) => {
    expect(1 / parameterWrites({ lifetimeSeconds, marginSeconds })).toBeCloseTo(every, 6);
  });

  test('follow how early the provider gives another token', () => {
    const input = { lifetimeSeconds: 600, earliestRefreshSeconds: 100 };
    expect(1 / parameterWrites(input)).toBeCloseTo(450, 6);
    const preset = { ...RFC_PRESET, accessToken: { ...RFC_PRESET.accessToken, earliestRefreshSeconds: 100 } };
    const connection: Connection = { ...IDP, defaultLifetimeSeconds: 600 };
    expect(1 / declaredParameterWrites(connection, preset)).toBeCloseTo(450, 6);
  });

  test.each<[string, Connection, number]>([
    ['a lifetime that does not fit a secret', FIVE_MINUTES, 1 / 135],
    ['one that fits', IDP, 0],
    ['one that fits, published to a parameter all the same', { ...IDP, publishTo: 'parameter' }, 1 / 2700],
    ['one that does not, kept in its secret', { ...FIVE_MINUTES, publishTo: 'secret' }, 0],
    [
      'one that does not, in a secret of one’s own',
      {
        ...FIVE_MINUTES,
        token: { secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-AbCdEf', fields: {} },
      },
      0,
    ],
    [
      'one that does not, with a refresh token that rotates',
      { ...FIVE_MINUTES, grants: ['refresh_token'] },
      1 / 135,
    ],
  ])('are counted of %s', (_, connection, expected) => {
    expect(declaredParameterWrites(connection)).toBeCloseTo(expected, 9);
  });
});

describe('a deployment', () => {
  test('takes 405 tokens of five minutes at 3 writes a second, and not one more', () => {
    expect(tooManyParameterWrites(fleet(405, FIVE_MINUTES))).toBeUndefined();
    expect(tooManyParameterWrites(fleet(406, FIVE_MINUTES))?.message).toBe(
      'this deployment would need 3.1 writes a second, and Parameter Store takes 3 (parameterWritesPerSecond) for the 406 tokens that go to parameters',
    );
  });

  test('takes 1,350 at 10, and the 1,400th is refused with the arithmetic', () => {
    expect(tooManyParameterWrites(fleet(1350, FIVE_MINUTES), 10)).toBeUndefined();
    expect(tooManyParameterWrites(fleet(1400, FIVE_MINUTES), 10)?.message).toMatch(
      /^this deployment would need 10\.4 writes a second, and Parameter Store takes 10 .* 1400 tokens/,
    );
  });

  test('is not charged with tokens in secrets', () => {
    const many = fleet(5000, IDP);
    expect(tooManyParameterWrites(many, 0.1)).toBeUndefined();
    expect(tooManyParameterWrites([...many, ...fleet(14, FIVE_MINUTES)], 0.1)?.message).toMatch(
      /^this deployment would need 0\.2 writes a second, .* for the 14 tokens that go to parameters$/,
    );
  });

  test.each([
    [0.5, /or set parameterWritesPerSecond to 3, or to 10 where Parameter Store's higher throughput/],
    [3, /or set parameterWritesPerSecond to 10 where Parameter Store's higher throughput is turned on/],
    [10, /, or deploy the rest in another Region or account$/],
  ])('that may take %d a second is told its ways out', (perSecond, last) => {
    const { remedy } = tooManyParameterWrites(fleet(2000, FIVE_MINUTES), perSecond) ?? {};
    expect(remedy).toMatch(
      /^have the provider issue tokens that live longer, or set marginSeconds lower, and /,
    );
    expect(remedy).toMatch(last);
  });

  test('that follows the remedy fits: a lower margin, and a longer life', () => {
    const lower: Connection = { ...FIVE_MINUTES, marginSeconds: 75 };
    expect(tooManyParameterWrites(fleet(600, lower))).toBeUndefined();
    const longer: Connection = { ...FIVE_MINUTES, defaultLifetimeSeconds: 600 };
    expect(tooManyParameterWrites(fleet(800, longer))).toBeUndefined();
  });
});
