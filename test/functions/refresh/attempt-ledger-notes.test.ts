import { describe, expect, it } from 'vitest';
import { AttemptLedger } from '../../../functions/refresh/attempt-ledger.ts';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import { DAY, HOUR, NOW, stateOf } from './state-of.ts';

const CLOSED = { attempt: null, attemptAt: null, unansweredSends: null };
const hour = (at: number) => Math.floor(at / HOUR);

const ledgerOf = (changes: Parameters<typeof stateOf>[0] = {}) =>
  new AttemptLedger(stateOf({ attempt: 'own', attemptAt: NOW, ...changes }), 'own', TIMING);

describe('an attempt that an earlier refresh left open', () => {
  const earlier = { attempt: 'earlier', attemptAt: NOW - 5, refreshTokenVersionId: 'v1', unansweredSends: 3 };

  it('is inherited with what was written down of it', () => {
    const ledger = ledgerOf(earlier);
    expect(ledger.inherited).toEqual({ attempt: 'earlier', versionId: 'v1', at: NOW - 5, sends: 3 });
    expect(ledger.unansweredSends).toBe(3);
    expect(ledger.isOpen).toBe(true);
    expect(ledger.attempt).toBe('own');
  });

  it('was sent once where nothing is counted, at an unknown time where none is noted', () => {
    const ledger = ledgerOf({ attempt: 'earlier', attemptAt: undefined });
    expect(ledger.inherited).toEqual({ attempt: 'earlier', versionId: '', at: 0, sends: 1 });
  });

  it('stays in the state as it stands there while nothing is found out', () => {
    expect(ledgerOf(earlier).toChange()).toEqual({});
  });

  it('is closed when its refresh token is found, whose write counts', () => {
    const ledger = ledgerOf(earlier);
    ledger.recovered('earlier', NOW);
    expect(ledger.inherited).toBeUndefined();
    expect(ledger.isOpen).toBe(false);
    expect(ledger.toChange()).toEqual({
      ...CLOSED,
      refreshTokenVersionId: 'earlier',
      writesByHour: { [hour(NOW)]: 1 },
    });
  });

  it('counts no write of a version that the state knew', () => {
    const ledger = ledgerOf(earlier);
    ledger.recovered('v1', NOW);
    expect(ledger.toChange()).toEqual({ ...CLOSED, refreshTokenVersionId: 'v1' });
  });

  it('is closed when it is overtaken, and nothing else changes', () => {
    const ledger = ledgerOf(earlier);
    ledger.overtaken();
    expect(ledger.toChange()).toEqual(CLOSED);
  });

  it.each([
    ['found', (ledger: AttemptLedger) => ledger.recovered('v2', NOW)],
    ['overtaken', (ledger: AttemptLedger) => ledger.overtaken()],
  ])('is another one than a send of this refresh: that stays open when the earlier is %s', (_, settle) => {
    const ledger = ledgerOf({ refreshTokenVersionId: 'v1' });
    ledger.sending('v1', NOW);
    settle(ledger);
    expect(ledger.isOpen).toBe(true);
  });

  it('is none where the state holds none', () => {
    const ledger = ledgerOf({ attempt: undefined });
    expect(ledger.inherited).toBeUndefined();
    expect(ledger.isOpen).toBe(false);
  });
});

describe('what a refresh notes', () => {
  it('is, in full, what the state must keep of it', () => {
    const ledger = ledgerOf({ refreshTokenVersionId: 'v1' });
    ledger.trying('refresh_token');
    ledger.notes.usesCredentials('c1');
    ledger.sending('v1', NOW + 1);
    ledger.notes.exchanged(NOW + 1, true);
    ledger.inHand();
    ledger.versions.wrote(NOW + 2);
    ledger.persisted();
    ledger.versions.wroteToken(NOW + 3);
    ledger.notes.published(true);
    expect(ledger.grantType).toBe('refresh_token');
    expect(ledger.toChange()).toEqual({
      ...CLOSED,
      credentialsVersionId: 'c1',
      exchangedAt: NOW + 1,
      refreshTokenSentAt: NOW + 1,
      writesByHour: { [hour(NOW)]: 1 },
      tokenWritesByHour: { [hour(NOW)]: 1 },
      refreshTokenVersionId: 'own',
      refusedRefreshTokenVersionId: null,
      refusedUnder: null,
      refusedAt: null,
      refusals: null,
      unpublished: null,
    });
  });

  it('is nothing but a closed attempt where nothing was done', () => {
    const ledger = ledgerOf({ refreshTokenVersionId: 'v1' });
    expect(ledger.grantType).toBeUndefined();
    expect(ledger.refreshTokenVersionId).toBe('v1');
    expect(ledger.toChange()).toEqual(CLOSED);
  });

  it('says when credentials have no value', () => {
    const ledger = ledgerOf();
    ledger.notes.usesCredentials(undefined);
    expect(ledger.toChange()).toMatchObject({ credentialsVersionId: null });
  });

  it('names the version that is used', () => {
    const ledger = ledgerOf({ refreshTokenVersionId: 'v1' });
    ledger.usesRefreshToken('v2');
    expect(ledger.refreshTokenVersionId).toBe('v2');
    expect(ledger.toChange()).toMatchObject({ refreshTokenVersionId: 'v2' });
  });

  it('tells an exchange that sent no refresh token from one that did', () => {
    const ledger = ledgerOf();
    ledger.notes.exchanged(NOW, false);
    expect(ledger.toChange()).toEqual({ ...CLOSED, exchangedAt: NOW });
  });

  it('remembers a token that could not be published', () => {
    const ledger = ledgerOf();
    ledger.notes.published(false);
    expect(ledger.toChange()).toMatchObject({ unpublished: true });
  });
});

describe('writes', () => {
  const full = { [hour(NOW)]: 89 };

  it('of the two secrets are counted apart, on those of the day', () => {
    const old = { [hour(NOW - 2 * DAY)]: 7, [hour(NOW - HOUR)]: 2 };
    const ledger = ledgerOf({ writesByHour: old, tokenWritesByHour: { [hour(NOW)]: 4 } });
    ledger.versions.wrote(NOW);
    ledger.versions.wrote(NOW + 1);
    ledger.versions.wroteToken(NOW);
    expect(ledger.toChange()).toMatchObject({
      writesByHour: { [hour(NOW - HOUR)]: 2, [hour(NOW)]: 2 },
      tokenWritesByHour: { [hour(NOW)]: 5 },
    });
    expect(ledger.toChange().writesByHour).not.toHaveProperty(String(hour(NOW - 2 * DAY)));
  });

  it('of the refresh token end at 90 a day, those of this refresh included', () => {
    const ledger = ledgerOf({ writesByHour: full });
    expect(ledger.versions.mayWrite(NOW)).toBe(true);
    ledger.versions.wrote(NOW);
    expect(ledger.versions.mayWrite(NOW)).toBe(false);
    expect(ledger.versions.mayPublish(NOW)).toBe(true);
  });

  it('of the token end there too', () => {
    const ledger = ledgerOf({ tokenWritesByHour: full });
    expect(ledger.versions.mayPublish(NOW)).toBe(true);
    ledger.versions.wroteToken(NOW);
    expect(ledger.versions.mayPublish(NOW)).toBe(false);
    expect(ledger.versions.mayWrite(NOW)).toBe(true);
  });

  it('wait for the later of the two secrets', () => {
    const [early, late] = [{ [hour(NOW - 2 * HOUR)]: 90 }, { [hour(NOW)]: 90 }];
    const both = (writesByHour: object, tokenWritesByHour: object) =>
      ledgerOf({ writesByHour: writesByHour as never, tokenWritesByHour: tokenWritesByHour as never });
    const at = both(early, late).versions.nextWriteAt(NOW);
    expect(at).toBeGreaterThan(NOW + 23 * HOUR);
    expect(both(late, early).versions.nextWriteAt(NOW)).toBe(at);
    expect(both(early, {}).versions.nextWriteAt(NOW)).toBeLessThan(NOW + 23 * HOUR);
    expect(both({}, {}).versions.nextWriteAt(NOW)).toBe(NOW);
  });
});
