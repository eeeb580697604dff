import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { circumstances, refusalOf, refusedUntil } from '../../../../functions/refresh/rules/refusal.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { DAY, HOUR, NOW, stateOf } from '../state-of.ts';

const DEFINITION: Connection = {
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'client',
  grants: ['refresh_token', 'client_credentials'],
  parameters: { audience: 'a', resource: 'b' },
};
const UNDER = circumstances(DEFINITION, 'c1');

describe('circumstances', () => {
  it('are the same for the same fields in any order, nested ones too', () => {
    const shuffled: Connection = {
      parameters: { resource: 'b', audience: 'a' },
      grants: ['refresh_token', 'client_credentials'],
      credentials: 'client',
      tokenUrl: 'https://idp.example.com/token',
    };
    expect(circumstances(shuffled, 'c1')).toBe(UNDER);
  });

  it('are the same for a field that is not there and one that is undefined', () => {
    expect(circumstances({ ...DEFINITION, scope: undefined } as never, 'c1')).toBe(UNDER);
  });

  it.each<[string, Connection, string | undefined]>([
    ['other credentials', DEFINITION, 'c2'],
    ['no credentials', DEFINITION, undefined],
    ['a further field', { ...DEFINITION, scope: 'read' }, 'c1'],
    ['another value in a list', { ...DEFINITION, grants: ['refresh_token', 'password'] }, 'c1'],
    ['another order of grants', { ...DEFINITION, grants: ['client_credentials', 'refresh_token'] }, 'c1'],
    ['another value deep within', { ...DEFINITION, parameters: { audience: 'a', resource: 'c' } }, 'c1'],
    ['two values that changed places', { ...DEFINITION, parameters: { audience: 'b', resource: 'a' } }, 'c1'],
  ])('are others with %s', (_, definition, credentials) => {
    expect(circumstances(definition, credentials)).not.toBe(UNDER);
  });

  it('are a short digest, the same in every version, since states keep it', () => {
    expect(UNDER).toBe('7usWdS9DL3UWZ0EUhRn0Ff');
  });

  it('bear a definition that holds what is null', () => {
    expect(() => circumstances({ ...DEFINITION, scope: null } as never, 'c1')).not.toThrow();
  });
});

describe('a refusal', () => {
  const before = { refusedRefreshTokenVersionId: 'v1', refusedUnder: UNDER, refusedAt: NOW - HOUR };

  it('is of one version, under what it was refused, and the first of its kind', () => {
    expect(refusalOf(stateOf(), 'v1', UNDER, NOW)).toEqual({
      refusedRefreshTokenVersionId: 'v1',
      refusedUnder: UNDER,
      refusedAt: NOW,
      refusals: 1,
    });
  });

  it.each([
    ['of the same version under the same is counted on', { ...before, refusals: 4 }, 5],
    ['counts on one that was not counted', before, 2],
    ['counts on one that was remembered without circumstances', { ...before, refusedUnder: undefined }, 2],
    ['of another version starts anew', { ...before, refusals: 4, refusedRefreshTokenVersionId: 'v0' }, 1],
    ['under other circumstances starts anew', { ...before, refusals: 4, refusedUnder: 'other' }, 1],
  ])('%s', (_, state, refusals) => {
    expect(refusalOf(stateOf(state), 'v1', UNDER, NOW)).toMatchObject({ refusals, refusedAt: NOW });
  });
});

describe('a refusal of the last try for the sake of the reader', () => {
  const before = { refusedRefreshTokenVersionId: 'v1', refusedUnder: UNDER, refusedAt: NOW - HOUR };
  const again = (changes: Parameters<typeof stateOf>[0], expiresInMs = 90_000) =>
    refusalOf(stateOf({ ...before, expiresAt: NOW + expiresInMs, ...changes }), 'v1', UNDER, NOW);

  it('is one beside the others: neither its date nor its count moves on', () => {
    expect(again({ refusals: 4 })).toEqual({ ...before, refusals: 4 });
    expect(again({})).toEqual({ ...before, refusals: 1 });
    expect(again({ refusedAt: undefined })).toEqual({ ...before, refusedAt: NOW, refusals: 1 });
  });

  it.each<[string, Parameters<typeof stateOf>[0], number, number]>([
    ['a token that lives longer', { refusals: 4 }, 90_001, 5],
    ['a token that is dead', { refusals: 4 }, 0, 5],
    ['another version', { refusals: 4, refusedRefreshTokenVersionId: 'v0' }, 90_000, 1],
  ])('is an ordinary one of %s', (_, changes, expiresInMs, refusals) => {
    expect(again(changes, expiresInMs)).toMatchObject({ refusedAt: NOW, refusals });
  });
});

describe('what was refused is sent once more', () => {
  const refused = { refusedRefreshTokenVersionId: 'v1', refusedUnder: UNDER, refusedAt: NOW, refusals: 1 };
  const until = (state: Parameters<typeof stateOf>[0]) => refusedUntil(stateOf(state), 'v1', UNDER, TIMING);

  it.each([
    ['after an hour', refused, NOW + HOUR],
    ['after an hour, where nothing was counted', { ...refused, refusals: undefined }, NOW + HOUR],
    ['a day after the second refusal', { ...refused, refusals: 2 }, NOW + DAY],
    ['a day after any further one', { ...refused, refusals: 9 }, NOW + DAY],
    ['after an hour, without circumstances', { ...refused, refusedUnder: undefined }, NOW + HOUR],
    [
      'an hour after the error, where the refusal has no date',
      { ...refused, refusedAt: undefined, lastErrorAt: NOW - 5 },
      NOW - 5 + HOUR,
    ],
    ['at once, where nothing has a date', { ...refused, refusedAt: undefined }, HOUR],
    [
      'where that can still save the reader, 90 s before the token expires',
      { ...refused, expiresAt: NOW + HOUR },
      NOW + HOUR - 90_000,
    ],
    [
      'not twice for it: from when it was sent last',
      { ...refused, expiresAt: NOW + HOUR, refreshTokenSentAt: NOW + HOUR - 90_000 },
      NOW + HOUR,
    ],
    ['not for a token that lives longer', { ...refused, expiresAt: NOW + DAY }, NOW + HOUR],
    [
      'not for one that was expiring when it was refused',
      { ...refused, expiresAt: NOW + 90_000 },
      NOW + HOUR,
    ],
    ['at once under other circumstances', { ...refused, refusedUnder: 'other' }, undefined],
    ['at once when it is another version', { ...refused, refusedRefreshTokenVersionId: 'v0' }, undefined],
    ['at once when none is remembered', {}, undefined],
    ['never when it was taken back here', { ...refused, lastErrorCode: 'revoked' }, Infinity],
    [
      'never when it was taken back here, whatever came of it since',
      { ...refused, refusedUnder: 'revoked' },
      Infinity,
    ],
    [
      'never when it was taken back here, whatever has changed',
      { ...refused, refusedUnder: 'other', lastErrorCode: 'revoked' },
      Infinity,
    ],
    [
      'at once when it is another version than the one that was taken back',
      { ...refused, refusedRefreshTokenVersionId: 'v0', lastErrorCode: 'revoked' },
      undefined,
    ],
  ])('%s', (_, state, at) => {
    expect(until(state)).toBe(at);
  });
});
