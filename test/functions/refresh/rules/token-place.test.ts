import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../../functions/connections/connection.ts';
import { withRules } from '../../../../functions/connections/connection-rules.ts';
import { RFC_PRESET, resolveConnection } from '../../../../functions/connections/resolve-connection.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { secretsInTurn, tokenPlace } from '../../../../functions/refresh/rules/token-place.ts';

const NOW = Date.UTC(2026, 0, 1);
const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:mine-AbCdEf';

const resolved = (connection: Partial<Connection> = {}, rules = {}) =>
  resolveConnection(
    'crm',
    { tokenUrl: 'https://idp.example.com/token', credentials: 'crm', ...connection },
    withRules(RFC_PRESET, rules),
  );

const place = (
  lifetimeSeconds: number,
  connection = resolved(),
  { publishedTo, isSame = false }: { publishedTo?: 'parameter'; isSame?: boolean } = {},
) => {
  const facts = { obtainedAt: NOW, expiresAt: NOW + lifetimeSeconds * 1000, isSame };
  return tokenPlace(connection, publishedTo === undefined ? {} : { publishedTo }, facts, TIMING);
};

describe('where a token goes', () => {
  it.each([
    [300, 'parameter'],
    [900, 'parameter'],
    [1666, 'parameter'],
    [1667, 'secret'],
    [3600, 'secret'],
  ])('by itself with a lifetime of %i s: %s', (lifetime, expected) => {
    expect(place(lifetime)).toBe(expected);
  });

  it('follows a margin that makes the secret bear it, and one that does not', () => {
    expect(place(1500, resolved({ marginSeconds: 270 }))).toBe('secret');
    expect(place(1700, resolved({ marginSeconds: 800 }))).toBe('parameter');
  });

  it.each(['secret', 'parameter'] as const)(
    'is %s where the connection says so, whatever the lifetime',
    (publishTo) => {
      for (const lifetime of [300, 3600]) expect(place(lifetime, resolved({ publishTo }))).toBe(publishTo);
    },
  );

  it('stays the parameter once it was moved, until a person moves it back', () => {
    expect(place(3600, resolved(), { publishedTo: 'parameter' })).toBe('parameter');
    expect(place(300, resolved({ publishTo: 'secret' }), { publishedTo: 'parameter' })).toBe('secret');
  });

  it('is not decided by what is left of a token that came again', () => {
    expect(place(120, resolved(), { isSame: true })).toBe('secret');
    expect(place(120, resolved(), { isSame: true, publishedTo: 'parameter' })).toBe('parameter');
  });

  it('is the secret of one’s own, which has one place', () => {
    expect(place(300, resolved({ token: { secretArn: SECRET_ARN, fields: {} } }))).toBe('secret');
  });

  it('is a parameter too where a refresh token rotates, which goes round in secrets', () => {
    const grants = ['refresh_token', 'client_credentials'];
    expect(place(300, resolved({ grants }))).toBe('parameter');
    expect(place(300, resolved({ grants }, { refreshToken: { rotates: 'never' } }))).toBe('parameter');
  });
});

describe('how many secrets take the writes in turn', () => {
  const grants = ['refresh_token', 'client_credentials'];

  it('is one where the token goes to its secret', () => {
    for (const connection of [resolved(), resolved({ grants })])
      expect(secretsInTurn(connection, 'secret')).toBe(1);
  });

  it('is that of a ring where a refresh token rotates, and has no bound where nothing is written to a secret', () => {
    expect(secretsInTurn(resolved({ grants }), 'parameter')).toBe(8);
    const stays = resolved({ grants }, { refreshToken: { rotates: 'never' } });
    for (const connection of [resolved(), stays])
      expect(secretsInTurn(connection, 'parameter')).toBe(Number.POSITIVE_INFINITY);
  });
});
