import { describe, expect, it } from 'vitest';
import {
  type ResolvedConnection,
  resolveConnection,
} from '../../../../functions/connections/resolve-connection.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import type { TokenSet } from '../../../../functions/oauth/token-set.ts';
import {
  accessTokenExpiresAt,
  type KnownToken,
  refreshTokenExpiresAt,
} from '../../../../functions/refresh/rules/expiry.ts';
import { canarySecret } from '../../../support/canary.ts';
import { DAY, HOUR, MINUTE, NOW, SECOND } from '../state-of.ts';

const RESOLVED = resolveConnection('crm', {
  tokenUrl: 'https://idp.example.com/token',
  credentials: 'client',
});
const OPAQUE = new Secret(canarySecret('access'));
const UNKNOWN: KnownToken = { isSame: false };

/** A JWT that ends at `at`, epoch milliseconds. */
function jwt(at: number): Secret {
  const claims = JSON.stringify({ exp: at / 1000, jti: canarySecret('jwt') });
  return new Secret(`e30.${Buffer.from(claims).toString('base64url')}.sig`);
}

interface Given {
  readonly token?: Partial<TokenSet>;
  readonly connection?: Partial<ResolvedConnection>;
  readonly known?: Partial<KnownToken>;
}

function expiry({ token = {}, connection = {}, known = {} }: Given) {
  const exchange = {
    token: { access_token: OPAQUE, token_type: 'Bearer', extras: {}, ...token },
    requestedAt: NOW,
  };
  return accessTokenExpiresAt(exchange, { ...RESOLVED, ...connection }, { ...UNKNOWN, ...known });
}

/** How long the token lives from the start of the request, in milliseconds. */
const lifetime = (given: Given) => expiry(given).expiresAt - NOW;

describe('the expiry of an access token', () => {
  const said = { expiresInSeconds: 700 };
  const declared = { presetLifetimeSeconds: 800 };
  const exp = { access_token: jwt(NOW + 15 * MINUTE) };
  const own = { defaultLifetimeSeconds: 1000 };

  it.each<[string, Given, number]>([
    ['what the answer says', { token: { ...said, ...exp }, connection: { ...declared, ...own } }, 700],
    ['what the preset says', { token: exp, connection: { ...declared, ...own } }, 800],
    ['what the token itself says', { token: exp, connection: own }, 900],
    ['what the connection says', { connection: own }, 1000],
    ['an hour', {}, 3600],
  ])('quirk 39: is %s, where nothing goes before it', (_, given, seconds) => {
    expect(expiry(given)).toEqual({ expiresAt: NOW + seconds * SECOND, isInMilliseconds: false });
  });

  it('does not come from a claim that lies in the past, or now', () => {
    expect(lifetime({ token: { access_token: jwt(NOW - HOUR) } })).toBe(HOUR);
    expect(lifetime({ token: { access_token: jwt(NOW) } })).toBe(HOUR);
    expect(lifetime({ token: { access_token: jwt(NOW + SECOND) } })).toBe(SECOND);
  });
});

describe('an answer that is no evidence of a later expiry', () => {
  const known = { expiresAt: NOW + 5 * MINUTE, obtainedAt: NOW - 55 * MINUTE };
  const declared = { presetLifetimeSeconds: 7200 };
  const zero = { expiresInSeconds: 0 };

  it.each<[string, Given]>([
    ['says zero', { token: zero, known }],
    ['says less than that', { token: { expiresInSeconds: -5 }, known }],
    ['says zero, whatever is declared', { token: zero, connection: declared, known }],
    ['brings the same token and says nothing', { known: { ...known, isSame: true } }],
    ['does so, whatever is declared', { connection: declared, known: { ...known, isSame: true } }],
  ])('quirk 42: keeps the one that was known when it %s', (_, given) => {
    expect(expiry(given)).toEqual({ expiresAt: known.expiresAt, isInMilliseconds: false });
  });

  it('is overruled by the claim of the token itself', () => {
    const token = { ...zero, access_token: jwt(NOW + HOUR) };
    expect(lifetime({ token, connection: declared, known })).toBe(HOUR);
  });

  it('is evidence when it says a lifetime, though the token is the same', () => {
    expect(lifetime({ token: { expiresInSeconds: 60 }, known: { ...known, isSame: true } })).toBe(MINUTE);
  });

  it('falls back on what is declared where nothing was known', () => {
    const own = { defaultLifetimeSeconds: 900 };
    expect(lifetime({ token: zero, connection: { ...declared, ...own } })).toBe(2 * HOUR);
    expect(lifetime({ token: zero, connection: own })).toBe(15 * MINUTE);
    expect(lifetime({ token: zero })).toBe(HOUR);
  });
});

describe('a lifetime in milliseconds', () => {
  const known = { obtainedAt: NOW - HOUR, expiresAt: NOW - HOUR + 1500 * SECOND };

  it.each<[string, number, Given]>([
    ['the preset', 1234, { connection: { presetLifetimeSeconds: 1234 } }],
    ['the connection', 1234, { connection: { defaultLifetimeSeconds: 1234 } }],
    ['the last token', 1500, { known }],
    ['many providers', 3600, {}],
    ['others', 86_400, {}],
  ])('is known by a thousandth that is the lifetime of %s', (_, seconds, given) => {
    const token = { expiresInSeconds: seconds * 1000 };
    const inMilliseconds = { expiresAt: NOW + seconds * SECOND, isInMilliseconds: true };
    expect(expiry({ ...given, token })).toEqual(inMilliseconds);
  });

  it.each([300, 600, 900, 1200, 1800, 3600, 5400, 7200, 10800, 14400, 21600, 28800, 36000, 43200, 86400])(
    'is known by a usual one: %d s',
    (seconds) => {
      expect(lifetime({ token: { expiresInSeconds: seconds * 1000 } })).toBe(seconds * SECOND);
    },
  );

  it('is declared by the preset rather than by the connection', () => {
    const connection = { presetLifetimeSeconds: 1111, defaultLifetimeSeconds: 1234 };
    expect(expiry({ token: { expiresInSeconds: 1_234_000 }, connection }).isInMilliseconds).toBe(false);
  });

  it('bears a fraction of a second where it is a declared one, and none where it is only usual', () => {
    const token = { expiresInSeconds: 3_600_500 };
    expect(lifetime({ token, connection: { presetLifetimeSeconds: 3600 } })).toBe(HOUR);
    expect(lifetime({ token })).toBe(3_600_500 * SECOND);
  });

  it('is noted too where the answer was read so before', () => {
    const token = { expiresInSeconds: 3600, expiresInMilliseconds: true };
    expect(expiry({ token })).toEqual({ expiresAt: NOW + HOUR, isInMilliseconds: true });
  });

  it.each<[string, number, Given]>([
    ['a token of sixty days', 5_184_000, {}],
    ['a usual lifetime itself', 3600, {}],
    ['a thousand hours that are declared', 3_600_000, { connection: { presetLifetimeSeconds: 3_600_000 } }],
    [
      'a thousand hours, as long as the last token lived',
      3_600_000,
      { known: { obtainedAt: NOW - HOUR, expiresAt: NOW - HOUR + 3_600_000 * SECOND } },
    ],
    ['less than a second', 999, { connection: { presetLifetimeSeconds: 0 } }],
    ['half known of the last token', 1_500_000, { known: { expiresAt: NOW + 1500 * SECOND } }],
    ['half known the other way', 1_500_000, { known: { obtainedAt: NOW - 1500 * SECOND } }],
  ])('is not %s', (_, seconds, given) => {
    const inSeconds = { expiresAt: NOW + seconds * SECOND, isInMilliseconds: false };
    expect(expiry({ ...given, token: { expiresInSeconds: seconds } })).toEqual(inSeconds);
  });

  it('compares with the last lifetime in whole seconds', () => {
    const nearly = { obtainedAt: NOW - HOUR, expiresAt: NOW - HOUR + 1500 * SECOND - 400 };
    expect(lifetime({ token: { expiresInSeconds: 1_500_000 }, known: nearly })).toBe(1500 * SECOND);
  });
});

describe('the end of a refresh token', () => {
  const refreshToken = new Secret(canarySecret('refresh'));
  const rotated = { refresh_token: refreshToken };
  const rules = (changes: Partial<ResolvedConnection['refreshToken']>) => ({
    ...RESOLVED,
    refreshToken: { ...RESOLVED.refreshToken, ...changes },
  });

  function end(
    token: Partial<TokenSet>,
    connection = RESOLVED,
    { grantType = 'refresh_token', before = undefined as number | undefined } = {},
  ): number | undefined {
    const exchange = {
      token: { access_token: OPAQUE, token_type: 'Bearer', extras: {}, ...token },
      requestedAt: NOW,
    };
    return refreshTokenExpiresAt(exchange, connection, grantType, before);
  }

  const fixed = rules({ lifetimeSeconds: 30 * 86_400 });
  const idle = rules({ inactivitySeconds: 7 * 86_400 });

  it('is what the answer says, before all else', () => {
    const token = { refresh_token: jwt(NOW + DAY), refreshTokenExpiresInSeconds: 60 };
    const all = rules({ jwtExpiry: true, lifetimeSeconds: 5, inactivitySeconds: 5 });
    expect(end(token, all, { before: NOW + 1 })).toBe(NOW + MINUTE);
    expect(end({ ...token, refreshTokenExpiresInSeconds: 0 }, all)).toBe(NOW);
  });

  it('is its own claim where the provider documents that', () => {
    const token = { refresh_token: jwt(NOW + DAY) };
    expect(end(token, rules({ jwtExpiry: true, lifetimeSeconds: 5 }))).toBe(NOW + DAY);
    expect(end(token)).toBeUndefined();
    expect(end(rotated, rules({ jwtExpiry: true, lifetimeSeconds: 5 }))).toBe(NOW + 5 * SECOND);
    expect(end({}, rules({ jwtExpiry: true }))).toBeUndefined();
  });

  it('quirk 47: stays where a fixed end is known, and begins where none is', () => {
    expect(end(rotated, fixed, { before: NOW + DAY })).toBe(NOW + DAY);
    expect(end(rotated, fixed)).toBe(NOW + 30 * DAY);
  });

  it('begins anew with another grant', () => {
    expect(end(rotated, fixed, { grantType: 'password', before: NOW + DAY })).toBe(NOW + 30 * DAY);
  });

  it('quirk 47: moves with each use where it is one of inactivity', () => {
    expect(end(rotated, idle, { before: NOW + DAY })).toBe(NOW + 7 * DAY);
    expect(end({}, idle)).toBe(NOW + 7 * DAY);
  });

  it('is the earlier of the two', () => {
    const both = rules({ lifetimeSeconds: 30 * 86_400, inactivitySeconds: 7 * 86_400 });
    expect(end(rotated, both)).toBe(NOW + 7 * DAY);
    expect(end(rotated, both, { before: NOW + DAY })).toBe(NOW + DAY);
  });

  it('is what was known of a token that was kept, and unknown of a new one', () => {
    expect(end({}, RESOLVED, { before: NOW + DAY })).toBe(NOW + DAY);
    expect(end(rotated, RESOLVED, { before: NOW + DAY })).toBeUndefined();
    expect(end({}, RESOLVED, { grantType: 'client_credentials', before: NOW + DAY })).toBeUndefined();
  });
});
