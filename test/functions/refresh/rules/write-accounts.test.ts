import { describe, expect, it } from 'vitest';
import { refusalOfForce } from '../../../../functions/refresh/rules/force.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';
import { writeAccounts } from '../../../../functions/refresh/rules/write-accounts.ts';
import { writesLeft } from '../../../../functions/refresh/rules/write-quota.ts';
import { HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

const hour = String(Math.floor(NOW / HOUR));
const forced = (state: Parameters<typeof stateOf>[0]) =>
  refusalOfForce(stateOf({ lastOutcome: 'refreshed', ...state }), { requestedAt: NOW }, NOW, TIMING);
/** A token of five minutes, refreshed two minutes ago, in a parameter. */
const MINUTES = {
  obtainedAt: NOW - 2 * MINUTE,
  exchangedAt: NOW - 2 * MINUTE,
  expiresAt: NOW + 180 * SECOND,
  publishedTo: 'parameter',
} as const;

describe('the versions that count', () => {
  it('are those of two secrets, each for itself', () => {
    const state = stateOf({ writesByHour: { [hour]: 3 }, tokenWritesByHour: { [hour]: 5 } });
    expect(writeAccounts(state)).toEqual([
      { writes: { [hour]: 3 }, most: 90 },
      { writes: { [hour]: 5 }, most: 90 },
    ]);
    expect(writesLeft(writeAccounts(state), NOW, TIMING)).toBe(85);
  });

  it('are those of a whole ring together, where the token goes to a parameter', () => {
    const state = stateOf({
      ...MINUTES,
      writesByHour: { [hour]: 80 },
      ringWritesByHour: { 1: { [hour]: 70 }, 2: { [hour]: 5 } },
      tokenWritesByHour: { [hour]: 89 },
    });
    expect(writeAccounts(state)).toEqual([{ writes: { [hour]: 155 }, most: 720 }]);
    expect(writesLeft(writeAccounts(state), NOW, TIMING)).toBe(90);
  });

  it('are none, where no refresh token rotates either', () => {
    const state = stateOf({ ...MINUTES, writesByHour: {}, tokenWritesByHour: { [hour]: 1 } });
    expect(writeAccounts(state)).toEqual([]);
    expect(writesLeft(writeAccounts(state), NOW, TIMING)).toBe(90);
  });
});

describe('a forced refresh of a token of minutes', () => {
  it('is made where nothing is written to a secret for it', () => {
    expect(forced({ ...MINUTES, writesByHour: {}, tokenWritesByHour: { [hour]: 1 } })).toBeUndefined();
  });

  it('is made where its ring has room, and refused where it has none', () => {
    expect(forced({ ...MINUTES, writesByHour: { [hour]: 40 } })).toBeUndefined();
    const full = { ...MINUTES, writesByHour: { [hour]: 89 }, ringWritesByHour: { 1: { [hour]: 89 } } };
    expect(forced(full)?.error?.code).toBe('forced_too_often');
  });

  it('is refused where its secret is written for each of them', () => {
    const { publishedTo: _, ...inSecret } = MINUTES;
    expect(forced({ ...inSecret, tokenWritesByHour: { [hour]: 1 } })?.error?.code).toBe('forced_too_often');
  });
});
