import { describe, expect, it } from 'vitest';
import { pulseProblem } from '../../../../functions/refresh/rules/pulse.ts';
import { MINUTE, NOW } from '../state-of.ts';

const tick = { startedAt: NOW - 1_000, endedAt: NOW, due: 0, refreshed: 0, failed: 0, left: 0 };

describe('the pulse', () => {
  it('is there until no tick has come to its end for five minutes, to the instant', () => {
    expect(pulseProblem(tick, NOW + 5 * MINUTE - 1, 'evertoken')).toBeUndefined();
    expect(pulseProblem(tick, NOW + 5 * MINUTE, 'evertoken')?.message).toBe(
      'No tick has come to its end since 2026-01-01T00:00:00.000Z: nothing is refreshed by itself.',
    );
  });

  it('is missing where no tick ever came to its end', () => {
    expect(pulseProblem(undefined, NOW, 'pay')?.message).toBe(
      'No tick has come to its end yet in the namespace "pay".',
    );
  });

  it('says where to look, by the names of this namespace', () => {
    const { remedy } = pulseProblem(undefined, NOW, 'pay') ?? {};
    for (const word of [
      'Region',
      'schedule "refresh-due" of the group "pay"',
      'pay-refresh-due',
      'throttles',
    ]) {
      expect(remedy).toContain(word);
    }
  });

  it('is there for a clock that is behind', () => {
    expect(pulseProblem(tick, NOW - 60 * MINUTE, 'evertoken')).toBeUndefined();
  });
});
