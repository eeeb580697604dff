import { describe, expect, it } from 'vitest';
import { AttemptLedger } from '../../../functions/refresh/attempt-ledger.ts';
import { placedIn } from '../../../functions/refresh/rules/ring.ts';
import { TIMING } from '../../../functions/refresh/rules/timing.ts';
import { NOW as now, stateOf } from './state-of.ts';

const CLOSED = { attempt: null, attemptAt: null, unansweredSends: null };
const REFUSAL = { refusedRefreshTokenVersionId: 'v1', refusedUnder: 'x', refusedAt: now, refusals: 1 };
const FORGOTTEN = { refusedRefreshTokenVersionId: null, refusedUnder: null, refusedAt: null, refusals: null };

/** A lease has offered `own`; the version that is named is `v1`. */
function ledgerOf(changes: Parameters<typeof stateOf>[0] = {}): AttemptLedger {
  const state = stateOf({ attempt: 'own', attemptAt: now, refreshTokenVersionId: 'v1', ...changes });
  return new AttemptLedger(state, 'own', TIMING);
}

/** The lease has found an attempt that an earlier refresh left open. */
const inheritor = (changes: Parameters<typeof stateOf>[0] = {}) =>
  ledgerOf({ attempt: 'earlier', ...changes });

function sent(ledger = ledgerOf(), at = now + 1): AttemptLedger {
  ledger.sending('v1', at);
  return ledger;
}

describe('the member of a ring that a successor goes to', () => {
  const UUID = '6ed91671-b65d-4414-8b77-6e61ad035c10';
  const write = (ledger: AttemptLedger, member?: number) =>
    ledger.toWriteDown('v1', now + 5, () => UUID, member);

  it('is written down with an id that names it, before anything is sent', () => {
    const ledger = ledgerOf();
    const send = write(ledger, 3);
    expect(send).toEqual({ attempt: placedIn(3, UUID), versionId: 'v1', at: now + 5, sends: 1 });
    if (send) ledger.writtenDown(send);
    expect(ledger.attempt).toBe(placedIn(3, UUID));
    expect([write(ledger, 3), write(ledger)]).toEqual([undefined, undefined]);
    expect(() => sent(ledger)).not.toThrow();
  });

  it('costs nothing where the id that was offered names it', () => {
    expect([write(ledgerOf(), 0), write(ledgerOf())]).toEqual([undefined, undefined]);
  });

  it('counts the sends that had no answer on, wherever their successor would have gone', () => {
    const ledger = inheritor({ attempt: placedIn(2, UUID), unansweredSends: 2 });
    const first = write(ledger, 1);
    expect(first).toMatchObject({ attempt: placedIn(1, UUID), sends: 3 });
    if (first) ledger.writtenDown(first);
    const second = write(ledger, 4);
    expect(second).toMatchObject({ attempt: placedIn(4, UUID), sends: 3 });
    if (second) ledger.writtenDown(second);
    sent(ledger).spentNothing();
    expect(ledger.toChange()).toMatchObject({ attempt: placedIn(4, UUID), unansweredSends: 2 });
  });

  it('stays where it was for a second send of the same refresh', () => {
    const ledger = ledgerOf();
    const send = write(ledger, 5);
    if (send) ledger.writtenDown(send);
    sent(ledger).unanswered(now + 2);
    expect(write(ledger)).toMatchObject({ attempt: placedIn(5, UUID), sends: 2 });
  });

  it('is the one whose writes are counted, by what it stored', () => {
    const ledger = inheritor({ attempt: placedIn(2, UUID) });
    ledger.recovered(placedIn(2, UUID), now);
    const [counted] = Object.values(ledger.toChange().ringWritesByHour?.['2'] ?? {});
    expect(counted).toBe(1);
    expect(ledger.toChange()).not.toHaveProperty('writesByHour');
  });
});

describe('what is written down before a send', () => {
  const write = (ledger: AttemptLedger, versionId: string) =>
    ledger.toWriteDown(versionId, now + 5, () => 'anew');

  it('is what may be sent, whatever becomes of a send before it', () => {
    const ledger = sent();
    const next = write(ledger, 'v2');
    if (next) ledger.writtenDown(next);
    ledger.spentNothing();
    expect(() => ledger.sending('v1', now + 6)).toThrow(/not written down/);
    expect(() => ledger.sending('v2', now + 6)).not.toThrow();
  });

  it('is nothing in the usual case: the lease has written it', () => {
    expect(write(ledgerOf(), 'v1')).toBeUndefined();
    expect(() => sent()).not.toThrow();
  });

  it('is another version than the one that is named, sent for the first time', () => {
    expect(write(ledgerOf(), 'v2')).toEqual({ attempt: 'own', versionId: 'v2', at: now + 5, sends: 1 });
  });

  it('is whatever is sent where the state names no version', () => {
    const ledger = ledgerOf({ refreshTokenVersionId: undefined });
    expect(write(ledger, 'v1')).toEqual({ attempt: 'own', versionId: 'v1', at: now + 5, sends: 1 });
  });

  it('counts on where an earlier attempt sent the same version, under a new id', () => {
    const ledger = inheritor({ unansweredSends: 3 });
    expect(write(ledger, 'v1')).toEqual({ attempt: 'anew', versionId: 'v1', at: now + 5, sends: 4 });
  });

  it('counts from one where an earlier attempt sent another version', () => {
    expect(write(inheritor({ unansweredSends: 3 }), 'v2')).toMatchObject({ attempt: 'anew', sends: 1 });
  });

  it('keeps the id that was offered once the earlier attempt is settled', () => {
    const settled = [inheritor(), inheritor()] as const;
    settled[0].recovered('earlier', now);
    settled[1].overtaken();
    for (const ledger of settled) expect(write(ledger, 'v2')).toMatchObject({ attempt: 'own', sends: 1 });
  });

  it('counts on after a send of this refresh that had no answer, under the same id', () => {
    const ledger = sent();
    ledger.unanswered(now + 2);
    expect(write(ledger, 'v1')).toEqual({ attempt: 'own', versionId: 'v1', at: now + 5, sends: 2 });
    expect(write(ledger, 'v2')).toMatchObject({ sends: 1 });
  });

  it('is nothing once it stands there, for that version alone and for one send', () => {
    const ledger = inheritor();
    const send = write(ledger, 'v1');
    if (send) ledger.writtenDown(send);
    expect(write(ledger, 'v1')).toBeUndefined();
    expect(write(ledger, 'v2')).toBeDefined();
    ledger.sending('v1', now + 6);
    expect(write(ledger, 'v1')).toBeDefined();
  });

  it('names the version and the id that count from now on', () => {
    const ledger = inheritor();
    ledger.writtenDown({ attempt: 'anew', versionId: 'v2', at: now, sends: 1 });
    expect(ledger.attempt).toBe('anew');
    expect(ledger.inherited).toBeUndefined();
    expect(ledger.refreshTokenVersionId).toBe('v2');
    expect(ledger.toChange()).toMatchObject({ refreshTokenVersionId: 'v2' });
  });

  it.each([
    ['what was answered is in hand', (ledger: AttemptLedger) => ledger.inHand()],
    ['it is stored', (ledger: AttemptLedger) => ledger.persisted()],
    ['a person has brought another', (ledger: AttemptLedger) => ledger.replaced('v9')],
  ])('is refused when %s', (_, end) => {
    const ledger = sent();
    end(ledger);
    const send = write(ledger, 'v1');
    expect(() => send && ledger.writtenDown(send)).toThrow(/in-hand|closed/);
  });
});

describe('a send', () => {
  it('throws for a version that is not written down, or was written down for an earlier send', () => {
    expect(() => ledgerOf().sending('v2', now)).toThrow(/idle/);
    expect(() => ledgerOf({ refreshTokenVersionId: undefined }).sending('v1', now)).toThrow(/idle/);
    expect(() => sent(sent())).toThrow(/sent$/);
  });

  it('throws while an earlier attempt is not settled', () => {
    expect(() => sent(inheritor())).toThrow(/inherited/);
  });

  it('leaves its attempt open, with the instant at which it left', () => {
    const ledger = sent();
    expect(ledger.isOpen).toBe(true);
    expect(ledger.unansweredSends).toBe(1);
    expect(ledger.toChange()).toEqual({ attempt: 'own', attemptAt: now + 1, unansweredSends: 1 });
  });

  it('without an answer is dated from where it was given up, since it may have left no earlier', () => {
    const ledger = sent();
    ledger.unanswered(now + 15_000);
    expect(ledger.toChange()).toEqual({ attempt: 'own', attemptAt: now + 15_000, unansweredSends: 1 });
  });

  it('that is counted on an earlier one is kept with its count', () => {
    const ledger = inheritor({ unansweredSends: 1 });
    ledger.writtenDown({ attempt: 'anew', versionId: 'v1', at: now, sends: 2 });
    sent(ledger);
    ledger.unanswered(now + 2);
    expect(ledger.unansweredSends).toBe(2);
    expect(ledger.toChange()).toMatchObject({ attempt: 'anew', attemptAt: now + 2, unansweredSends: 2 });
  });

  it('that spent nothing closes the attempt, and may be made again', () => {
    const ledger = sent();
    ledger.spentNothing();
    expect(ledger.isOpen).toBe(false);
    expect(ledger.unansweredSends).toBeUndefined();
    expect(ledger.toChange()).toEqual(CLOSED);
    expect(() => sent(ledger)).not.toThrow();
  });

  it('that was refused closes the attempt and is remembered', () => {
    const ledger = sent();
    ledger.refused(REFUSAL);
    expect(ledger.toChange()).toEqual({ ...CLOSED, ...REFUSAL });
  });

  it.each([
    ['never left', (ledger: AttemptLedger) => ledger.spentNothing()],
    ['was refused', (ledger: AttemptLedger) => ledger.refused(REFUSAL)],
  ])('that had no answer keeps the attempt open though a second one %s', (_, end) => {
    const ledger = sent();
    ledger.unanswered(now + 2);
    ledger.writtenDown({ attempt: 'own', versionId: 'v1', at: now, sends: 2 });
    ledger.sending('v1', now + 3);
    end(ledger);
    expect(ledger.toChange()).toEqual({
      attempt: 'own',
      attemptAt: now + 3,
      unansweredSends: 2,
      refreshTokenVersionId: 'v1',
    });
  });
});

describe('an answer', () => {
  it('that is in hand keeps the attempt open, in the rescue too', () => {
    const ledger = sent();
    ledger.inHand();
    ledger.rescued();
    expect(ledger.isOpen).toBe(true);
    expect(ledger.isRescued).toBe(true);
    expect(ledger.unansweredSends).toBeUndefined();
    expect(ledger.toChange()).toMatchObject({ attempt: 'own' });
    expect(() => sent(ledger)).toThrow();
  });

  it('in hand is not given up for a refusal', () => {
    const ledger = sent();
    ledger.inHand();
    ledger.refused(REFUSAL);
    expect(ledger.isOpen).toBe(true);
  });

  it('that is stored closes the attempt, names its version and forgets what was refused', () => {
    const ledger = sent();
    ledger.inHand();
    ledger.persisted();
    expect(ledger.isRescued).toBe(false);
    expect(ledger.toChange()).toEqual({ ...CLOSED, refreshTokenVersionId: 'own', ...FORGOTTEN });
  });

  it('closes the attempt after a send without an answer, when it brings a token', () => {
    const ledger = sent();
    ledger.unanswered(now + 2);
    ledger.inHand();
    ledger.persisted();
    expect(ledger.isOpen).toBe(false);
  });

  it('that brought no refresh token closes the attempt', () => {
    const ledger = sent();
    ledger.broughtNothing();
    expect(ledger.isOpen).toBe(false);
    expect(() => sent(ledger)).toThrow();
  });

  it('of another grant says nothing of an attempt that is inherited', () => {
    const ledger = inheritor();
    ledger.broughtNothing();
    expect(ledger.isOpen).toBe(true);
    expect(ledger.inherited).toMatchObject({ attempt: 'earlier' });
  });

  it('of another grant that is stored is the version that counts, and history forgets the refusal', () => {
    const ledger = sent();
    ledger.refused(REFUSAL);
    ledger.minted();
    expect(ledger.toChange()).toEqual({ ...CLOSED, refreshTokenVersionId: 'own', ...FORGOTTEN });
  });

  it('of another grant that is stored has no part in an attempt that was inherited', () => {
    const ledger = inheritor();
    ledger.minted();
    expect(ledger.isOpen).toBe(false);
    expect(ledger.toChange()).toMatchObject({ ...CLOSED, refreshTokenVersionId: 'own' });
  });

  it('takes the place of all that was before it, when a person brought it', () => {
    const ledger = inheritor();
    ledger.replaced('brought');
    expect(ledger.toChange()).toEqual({ ...CLOSED, refreshTokenVersionId: 'brought', ...FORGOTTEN });
  });
});
