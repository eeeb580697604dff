import { describe, expect, it } from 'vitest';
import {
  afterAnother,
  afterNone,
  askedEarliestSeconds,
} from '../../../../functions/refresh/rules/earliest.ts';
import { NOW, SECOND } from '../state-of.ts';

const expiresAt = NOW + 300 * SECOND;
const endsIn = (seconds: number) => expiresAt - seconds * SECOND;
const known = (tooEarly?: number, earliest?: number) => ({
  expiresAt,
  ...(tooEarly !== undefined && { tooEarlyMs: tooEarly * SECOND }),
  ...(earliest !== undefined && { earliestMs: earliest * SECOND }),
});

describe('a provider that gives no other token yet', () => {
  it('is known by the latest time at which it gave none', () => {
    expect(afterNone(known(), endsIn(200))).toEqual({ tooEarlyMs: 200 * SECOND });
    expect(afterNone(known(100), endsIn(200))).toEqual({ tooEarlyMs: 100 * SECOND });
    expect(afterNone(known(100), endsIn(70))).toEqual({ tooEarlyMs: 70 * SECOND });
  });

  it('takes back what it gave earlier than that', () => {
    expect(afterNone(known(100, 60), endsIn(60))).toEqual({ tooEarlyMs: 60 * SECOND, earliestMs: null });
    expect(afterNone(known(100, 60), endsIn(61))).toEqual({ tooEarlyMs: 61 * SECOND });
  });

  it('says nothing of it once the token has expired, or where none was known', () => {
    expect(afterNone(known(), expiresAt)).toEqual({});
    expect(afterNone({}, NOW)).toEqual({});
  });
});

describe('a provider that gives another token', () => {
  it('teaches nothing where it never gave none', () => {
    expect(afterAnother(known(), endsIn(40))).toEqual({});
  });

  it('is known by the earliest time at which it gave one', () => {
    expect(afterAnother(known(100), endsIn(40))).toEqual({ earliestMs: 40 * SECOND });
    expect(afterAnother(known(100, 60), endsIn(40))).toEqual({ earliestMs: 60 * SECOND });
    expect(afterAnother(known(100, 60), endsIn(80))).toEqual({ earliestMs: 80 * SECOND });
  });

  it('is not one that gives none any more where it gives one as early', () => {
    expect(afterAnother(known(100, 60), endsIn(100))).toEqual({ tooEarlyMs: null, earliestMs: null });
  });

  it('leaves nothing known where it came after the end, which may have been a wrong one', () => {
    expect(afterAnother(known(100, 30), expiresAt)).toEqual({ tooEarlyMs: null, earliestMs: null });
  });
});

describe('how early it is asked', () => {
  it('is as declared while nothing was learned', () => {
    expect(askedEarliestSeconds(undefined, {})).toBeUndefined();
    expect(askedEarliestSeconds(60, known(100))).toBe(60);
  });

  it('is in the middle of what was learned, until that is known to ten seconds', () => {
    expect(askedEarliestSeconds(undefined, known(100, 40))).toBe(70);
    expect(askedEarliestSeconds(undefined, known(50, 40))).toBe(40);
  });

  it('is the later of what is declared and what was learned', () => {
    expect(askedEarliestSeconds(60, known(40, 30))).toBe(30);
    expect(askedEarliestSeconds(30, known(60, 55))).toBe(30);
  });
});
