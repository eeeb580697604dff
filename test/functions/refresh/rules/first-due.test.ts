import { describe, expect, it } from 'vitest';
import { FirstDue } from '../../../../functions/refresh/rules/first-due.ts';
import { MINUTE, NOW, SECOND } from '../state-of.ts';

const CLIENT = { grants: ['client_credentials'] };

function dues(count: number, definition: object = CLIENT, writesPerSecond = 20): number[] {
  const first = new FirstDue({ now: NOW, writesPerSecond });
  return Array.from({ length: count }, () => first.next(definition) - NOW);
}

describe('the first refreshes of what is registered together', () => {
  it('are due at once where the pace bears them within a minute', () => {
    expect(new Set(dues(1_201))).toEqual(new Set([0]));
  });

  it('come at about a third of the pace from then on, in the order of their registration', () => {
    const all = dues(8_401);
    expect(all.at(-1)).toBe(Math.ceil((6 * MINUTE) / 0.35));
    expect(all).toEqual(all.toSorted((one, other) => one - other));
    const later = all.slice(1_300).map((at, index) => at - (all[1_299 + index] as number));
    expect(Math.max(...later)).toBeLessThanOrEqual(SECOND / 7 + 1);
  });

  it('count what a refresh token writes besides, also where nobody says which grants there are', () => {
    expect(dues(401, { grants: ['refresh_token', 'client_credentials'] }).at(-1)).toBe(0);
    expect(dues(402, {}).at(-1)).toBe(Math.ceil((3 * SECOND) / 20 / 0.35));
  });

  it('come sooner where the pace is higher', () => {
    expect(dues(2_881, CLIENT, 48).at(-1)).toBe(0);
  });
});
