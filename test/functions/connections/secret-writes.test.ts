import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import { RFC_PRESET } from '../../../functions/connections/resolve-connection.ts';
import {
  declaredSecretLoad,
  type FleetFit,
  fleetFit,
  type SecretLoad,
  tooManySecretWrites,
} from '../../../functions/connections/secret-writes.ts';
import { readRepositoryFile } from '../../support/source-files.ts';

const IDP: Connection = { schema: 1, tokenUrl: 'https://idp.example.com/token', credentials: 'idp' };
const ROTATING: Connection = { ...IDP, grants: ['refresh_token'] };
const HOURLY = declaredSecretLoad(IDP);

const fleet = (count: number, load: SecretLoad): SecretLoad[] => Array.from({ length: count }, () => load);
const fitOf = (loads: readonly SecretLoad[], perSecond?: number) => fleetFit(loads, perSecond) as FleetFit;

describe('what a refresh writes to secrets', () => {
  const never = { ...RFC_PRESET, refreshToken: { ...RFC_PRESET.refreshToken, rotates: 'never' as const } };
  test.each<[string, Connection, number]>([
    ['the token', IDP, 1],
    ['of a refresh token that rotates, its proof and its successor too', ROTATING, 3],
    ['nothing where the token goes to a parameter', { ...IDP, publishTo: 'parameter' }, 0],
    [
      'the proof and the successor where the refresh token rotates',
      { ...ROTATING, publishTo: 'parameter' },
      2,
    ],
  ])('is %s', (_, connection, writes) => {
    expect(declaredSecretLoad(connection).writes).toBe(writes);
  });

  test('is the token alone where the refresh token stays', () => {
    expect(declaredSecretLoad(ROTATING, never).writes).toBe(1);
  });

  test('is due once in a cycle, less half of the jitter', () => {
    expect(HOURLY).toEqual({ writes: 1, everySeconds: 2_850, marginSeconds: 600 });
    expect(declaredSecretLoad({ ...IDP, defaultLifetimeSeconds: 86_400 })).toEqual({
      writes: 1,
      everySeconds: 77_760 * 0.95,
      marginSeconds: 8_640,
    });
  });
});

describe('how large a fleet may be', () => {
  test.each<[number, Connection, FleetFit['most']]>([
    [20, IDP, { steady: 51_300, atOnce: 10_260 }],
    [20, ROTATING, { steady: 17_100, atOnce: 3_420 }],
    [48, IDP, { steady: 123_120, atOnce: 24_624 }],
    [48, ROTATING, { steady: 41_040, atOnce: 8_208 }],
  ])('at %i writes a second', (perSecond, connection, most) => {
    expect(fitOf(fleet(100, declaredSecretLoad(connection)), perSecond).most).toEqual(most);
  });

  test.each([20, 48])('at %i writes a second is what the documentation says', (perSecond) => {
    const [credentials, rotating] = [IDP, ROTATING].map(
      (connection) => fitOf([declaredSecretLoad(connection)], perSecond).most,
    );
    const row =
      readRepositoryFile('docs/operating-at-scale.md').match(new RegExp(`^\\| ${perSecond}, .*`, 'm'))?.[0] ??
      '';
    const [, , steady = '', atOnce = ''] = row.split('|');
    const numbers = (text: string) => text.match(/[\d,]+\d/g)?.map((each) => Number(each.replace(',', '')));
    expect(numbers(steady)).toEqual([credentials?.steady, rotating?.steady]);
    expect(numbers(atOnce)).toEqual([credentials?.atOnce, rotating?.atOnce]);
  });

  test('is judged by what writes secrets alone', () => {
    expect(fleetFit([])).toBeUndefined();
    const parameter = declaredSecretLoad({ ...IDP, publishTo: 'parameter', marginSeconds: 60 });
    expect(fleetFit([parameter])).toBeUndefined();
    expect(fitOf([HOURLY, parameter])).toMatchObject({ connections: 1, marginSeconds: 600 });
  });

  test('is judged by the shortest margin, and by all writes together', () => {
    const short = declaredSecretLoad({ ...IDP, marginSeconds: 300 });
    const fit = fitOf([...fleet(50, short), ...fleet(50, declaredSecretLoad(ROTATING))]);
    expect(fit).toMatchObject({ connections: 100, marginSeconds: 300, most: { atOnce: 2_430 } });
    expect(fit.backlogSeconds).toBeCloseTo(30 + 200 / 18, 6);
  });

  test('is none where the margin is shorter than a refresh', () => {
    expect(fitOf([declaredSecretLoad({ ...IDP, marginSeconds: 20 })]).most.atOnce).toBe(0);
  });
});

describe('a fleet that is too large for its pace', () => {
  test('is none up to the least that is late', () => {
    expect(tooManySecretWrites(fitOf(fleet(10_260, HOURLY)))).toBeUndefined();
  });

  test('is late once, when all are due at once', () => {
    expect(tooManySecretWrites(fitOf(fleet(10_261, HOURLY)))).toEqual({
      message:
        'were all 10,261 connections due at once, as after an outage, the last would be fresh after 600 s with secretWritesPerSecond 20, and the shortest margin is 600 s: tokens expire before they are replaced beyond 10,260 connections like these',
      remedy:
        "set secretWritesPerSecond higher, to at most 50, which is the account's for everybody, or set marginSeconds higher, or deploy the rest in another Region or account",
    });
  });

  test('is late for ever beyond its pace', () => {
    expect(tooManySecretWrites(fitOf(fleet(51_301, HOURLY)))).toEqual({
      message:
        '51,301 connections would need 20.1 writes of secrets a second, and the pace is 20 (secretWritesPerSecond): tokens expire before they are replaced beyond 51,300 connections like these',
      remedy:
        "set secretWritesPerSecond higher, to at most 50, which is the account's for everybody, or have the provider issue tokens that live longer, or deploy the rest in another Region or account",
    });
  });

  test('has no higher pace to set where it is that of the account', () => {
    const { remedy } = tooManySecretWrites(fitOf(fleet(30_000, HOURLY), 50), 50) ?? {};
    expect(remedy).toBe('set marginSeconds higher, or deploy the rest in another Region or account');
  });
});
