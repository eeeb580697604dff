import { describe, expect, it } from 'vitest';
import { TokenError, type TokenErrorKind } from '../../../functions/oauth/token-error.ts';

const error = (kind: TokenErrorKind, status?: number) =>
  new TokenError(kind, 'a_code', 'Failed.', { status });

it('is known by its name wherever it is printed', () => {
  expect(String(error('refused', 400))).toBe('TokenError: Failed.');
  expect(error('refused', 400)).toBeInstanceOf(Error);
});

describe('whether a refresh token that was sent may have been spent', () => {
  it.each([undefined, 200, 400, 502])('without an answer it may, at status %s', (status) => {
    expect(error('unanswered', status).mayHaveSpent).toBe(true);
  });

  it.each([
    [undefined, false],
    [199, false],
    [200, true],
    [204, true],
    [299, true],
    [300, false],
    [429, false],
    [503, false],
  ])('with too many requests at status %s: %s, since it may only at a success', (status, mayHaveSpent) => {
    expect(error('throttled', status).mayHaveSpent).toBe(mayHaveSpent);
  });

  it.each<TokenErrorKind>(['refused', 'client-refused', 'configuration', 'unsure', 'never-sent'])(
    'with %s it has not, at any status',
    (kind) => {
      for (const status of [undefined, 200, 400]) expect(error(kind, status).mayHaveSpent).toBe(false);
    },
  );
});
