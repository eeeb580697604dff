import { describe, expect, it } from 'vitest';
import {
  dueAfterRefresh,
  hashShare,
  isStretched,
  leastIntervalMs,
  type RefreshFacts,
} from '../../../../functions/refresh/rules/schedule.ts';
import { TIMING } from '../../../../functions/refresh/rules/timing.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const now = Date.UTC(2026, 0, 1);

const facts = (changes: Partial<RefreshFacts> = {}): RefreshFacts => ({
  name: 'crm',
  generation: 2,
  now,
  obtainedAt: now,
  expiresAt: now + HOUR,
  previousExpiresAt: now,
  isSame: false,
  refreshTokenExpiresAt: undefined,
  marginSeconds: undefined,
  ...changes,
});

describe('the due instant after a refresh', () => {
  it('quirk 45: lies before expiry by the margin and a jitter of up to a tenth of the rest', () => {
    for (let generation = 2; generation < 200; generation += 1) {
      const due = dueAfterRefresh(facts({ generation }), TIMING);
      expect(due).toBeLessThanOrEqual(now + HOUR - 600 * SECOND);
      expect(due).toBeGreaterThanOrEqual(now + HOUR - 600 * SECOND - 300 * SECOND);
    }
  });

  it('quirk 45: never leaves less than half the lifetime before the refresh, however large the margin', () => {
    const due = dueAfterRefresh(facts({ marginSeconds: 36_000 }), TIMING);
    expect(due).toBeGreaterThanOrEqual(now + HOUR / 2 - HOUR / 20);
  });

  it('quirk 72: spreads the second refresh of a fleet over the whole cycle', () => {
    const cycle = HOUR - 600 * SECOND;
    const dues = Array.from(
      { length: 1000 },
      (_, index) => dueAfterRefresh(facts({ name: `c${index}`, generation: 1 }), TIMING) - now,
    );
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const inTenth = dues.filter((due) => due >= (tenth * cycle) / 10 && due < ((tenth + 1) * cycle) / 10);
      // In the last tenth the cycles of some have ended, and others take their place.
      const expected = tenth < 9 ? 105 : 53;
      expect(Math.abs(inTenth.length - expected)).toBeLessThan(40);
    }
  });

  it('quirk 72: has a fleet that was registered at once come equally often from then on, for ever', () => {
    const [connections, parts, cycles] = [4_000, 20, 5];
    const cycle = HOUR - 600 * SECOND;
    const refreshes = Array.from({ length: parts * cycles }, () => 0);
    for (let index = 0; index < connections; index += 1) {
      let at = now;
      for (let generation = 1; ; generation += 1) {
        const next = { now: at, obtainedAt: at, expiresAt: at + HOUR, previousExpiresAt: undefined };
        at = dueAfterRefresh(facts({ name: `c${index}`, generation, ...next }), TIMING);
        const part = Math.floor(((at - now) / cycle) * parts);
        if (part >= refreshes.length) break;
        refreshes[part] = (refreshes[part] ?? 0) + 1;
      }
    }
    // A cycle is 0.95 of the whole on average. By chance one part in a hundred lies 2.6 deviations off.
    const mean = connections / parts / 0.95;
    expect(Math.max(...refreshes)).toBeLessThan(mean + 4 * Math.sqrt(mean));
    expect(Math.min(...refreshes)).toBeGreaterThan(mean - 4 * Math.sqrt(mean));
  });

  it('waits half of what remains when a refresh brought no later expiry', () => {
    const due = dueAfterRefresh(
      facts({
        expiresAt: now + 600 * SECOND,
        obtainedAt: now - 3000 * SECOND,
        previousExpiresAt: now + 600 * SECOND,
      }),
      TIMING,
    );
    expect(due).toBe(now + 300 * SECOND);
  });

  it('waits at least 30 s without progress, even when nothing remains', () => {
    const nearlyOver = { obtainedAt: now - HOUR, expiresAt: now + SECOND, previousExpiresAt: now + HOUR };
    const due = dueAfterRefresh(facts(nearlyOver), TIMING);
    expect(due).toBe(now + 30 * SECOND);
  });

  it('quirk 47: is pulled forward by an end of the refresh token that comes first', () => {
    const due = dueAfterRefresh(
      facts({ expiresAt: now + 30 * 24 * HOUR, refreshTokenExpiresAt: now + 7 * 24 * HOUR }),
      TIMING,
    );
    expect(due).toBe(now + 7 * 24 * HOUR * 0.9);
  });

  it('does not hurry after an end that cannot be met any more', () => {
    const usual = dueAfterRefresh(facts(), TIMING);
    expect(dueAfterRefresh(facts({ refreshTokenExpiresAt: now + SECOND }), TIMING)).toBe(usual);
  });
});

describe('a lifetime that does not fit a secret', () => {
  /** A margin of half of it leaves 0.45 of the lifetime between two refreshes: 960 s at 2,133⅓ s. */
  const half = (seconds: number) => ({ ...facts(), expiresAt: now + seconds * SECOND, marginSeconds: 9_999 });

  it('is one that would be written more often than 90 times a day', () => {
    expect(leastIntervalMs(TIMING)).toBe(960 * SECOND);
    expect(isStretched(half(2_133), TIMING)).toBe(true);
    expect(isStretched(half(2_134), TIMING)).toBe(false);
    expect(isStretched(facts({ expiresAt: now + 1_666 * SECOND }), TIMING)).toBe(true);
    expect(isStretched(facts({ expiresAt: now + 1_667 * SECOND }), TIMING)).toBe(false);
  });

  it('is one whose cadence lies on the quota to the millisecond no more', () => {
    const timing = { ...TIMING, versionDayMs: 90 * 900 * SECOND };
    expect(isStretched(facts({ expiresAt: now + 2_000 * SECOND, marginSeconds: 1_000 }), timing)).toBe(false);
  });

  it('is refreshed as often as the quota bears, whatever the jitter', () => {
    for (let generation = 1; generation < 50; generation += 1) {
      const short = facts({ generation, expiresAt: now + 600 * SECOND });
      expect(dueAfterRefresh(short, TIMING)).toBe(now + 960 * SECOND);
    }
  });

  it('is refreshed by its own schedule where that is later still', () => {
    const generous = { ...facts({ generation: 2 }), ...half(2_133) };
    const share = hashShare('crm', 2);
    const cycle = 2_133 * SECOND * 0.5;
    expect(dueAfterRefresh(generous, TIMING)).toBe(Math.round(now + cycle - (share * cycle) / 10));
  });

  it('bears no write in between that the quota would not: 90 a day', () => {
    let count = 0;
    for (let at = now; at < now + 24 * HOUR; count += 1) {
      const short = { obtainedAt: at, now: at, expiresAt: at + 300 * SECOND, previousExpiresAt: at };
      at = dueAfterRefresh(facts({ ...short, generation: count + 1 }), TIMING);
    }
    expect(count).toBe(90);
  });
});

describe('the due instant, exactly', () => {
  it('is expiry, less the margin, less the share of jitter that the hash gives', () => {
    const share = hashShare('crm', 2);
    const cycle = HOUR - 600 * SECOND;
    expect(dueAfterRefresh(facts(), TIMING)).toBe(Math.round(now + cycle - share * cycle * 0.1));
    expect(share).toBeGreaterThan(0);
  });

  it('is the hash’s share of an average cycle after the first refresh, as far as no cycle has ended', () => {
    const share = hashShare('crm', 1);
    const due = dueAfterRefresh(facts({ generation: 1 }), TIMING);
    expect(share).toBeLessThan(0.9 / 0.95);
    expect(due).toBe(Math.round(now + share * 0.95 * (HOUR - 600 * SECOND)));
  });

  it('and the ever fewer after that, up to the end of the longest', () => {
    const cycle = HOUR - 600 * SECOND;
    const last = Array.from({ length: 400 }, (_, index) => `c${index}`).reduce((one, other) =>
      hashShare(other, 1) > hashShare(one, 1) ? other : one,
    );
    const due = dueAfterRefresh(facts({ name: last, generation: 1 }), TIMING);
    const share = hashShare(last, 1);
    expect(share).toBeGreaterThan(0.99);
    expect(due).toBe(Math.round(now + (1 - Math.sqrt(2 * 0.1 * 0.95 * (1 - share))) * cycle));
    expect(due).toBeLessThanOrEqual(now + cycle);
  });

  it('is never in the past', () => {
    const late = facts({ obtainedAt: now - 2 * HOUR, expiresAt: now - HOUR, previousExpiresAt: undefined });
    expect(dueAfterRefresh(late, TIMING)).toBe(now);
  });

  it('waits for progress only where there was a token before, and the same expiry is none', () => {
    const wait = (previousExpiresAt: number | undefined) =>
      dueAfterRefresh(
        facts({ expiresAt: now + HOUR, obtainedAt: now - 10 * HOUR, previousExpiresAt }),
        TIMING,
      );
    expect(wait(now + HOUR)).toBe(now + HOUR / 2);
    expect(wait(now + HOUR - 1)).toBe(now);
    expect(wait(undefined)).toBe(now);
  });
});

describe('the same token again', () => {
  const same = (changes: Partial<RefreshFacts>) =>
    dueAfterRefresh(facts({ isSame: true, obtainedAt: now - 10 * HOUR, ...changes }), TIMING);

  it('is no progress within five seconds: answers come in whole ones', () => {
    const [expiresAt, slack] = [now + HOUR, 5 * SECOND];
    expect(same({ expiresAt, previousExpiresAt: expiresAt - slack })).toBe(now + HOUR / 2);
    expect(same({ expiresAt, previousExpiresAt: expiresAt - slack - 1 })).toBe(now);
    expect(same({ expiresAt, previousExpiresAt: expiresAt - 1, isSame: false })).toBe(now);
  });

  it('is not stretched: the rest of its lifetime says nothing about how long such tokens live', () => {
    const rest = { obtainedAt: now, expiresAt: now + 600 * SECOND, previousExpiresAt: now + 600 * SECOND };
    expect(same(rest)).toBe(now + 300 * SECOND);
    expect(same({ ...rest, isSame: false, previousExpiresAt: now })).toBe(now + 960 * SECOND);
  });
});

describe('keeping a refresh token alive', () => {
  const year = facts({ expiresAt: now + 365 * 24 * HOUR });
  const due = (refreshTokenExpiresAt: number) => dueAfterRefresh({ ...year, refreshTokenExpiresAt }, TIMING);

  it('leaves the margin of its own lifetime, a tenth of it and at least ten minutes', () => {
    expect(due(now + 100 * HOUR)).toBe(now + 90 * HOUR);
    expect(due(now + HOUR)).toBe(now + 50 * 60 * SECOND);
  });

  it('does not hurry where less than half a minute is left for it', () => {
    const usual = dueAfterRefresh(year, TIMING);
    expect(due(now + 60 * SECOND)).toBe(usual);
    expect(due(now + 60 * SECOND + 2)).toBe(now + 30 * SECOND + 1);
  });

  it('comes before what the version quota bears', () => {
    const short = facts({ expiresAt: now + 600 * SECOND, refreshTokenExpiresAt: now + 1_200 * SECOND });
    expect(dueAfterRefresh(short, TIMING)).toBe(now + 600 * SECOND);
  });
});

describe('the hash of a connection', () => {
  it('is the same for the same connection and generation, and in [0, 1)', () => {
    expect(hashShare('crm', 7)).toBe(hashShare('crm', 7));
    expect(hashShare('crm', 7)).not.toBe(hashShare('crm', 8));
    for (let index = 0; index < 100; index += 1) {
      expect(hashShare(`c${index}`, 1)).toBeGreaterThanOrEqual(0);
      expect(hashShare(`c${index}`, 1)).toBeLessThan(1);
    }
  });
});

describe('a provider whose tokens end with a refresh, or that gives no other before', () => {
  const generations = Array.from({ length: 50 }, (_, index) => index + 1);

  it.each(generations)(
    'quirk 52: is asked as late as the margin lets, in generation %i too',
    (generation) => {
      const due = dueAfterRefresh(facts({ generation, endsPrevious: true }), TIMING);
      expect(due).toBe(now + HOUR - 600 * SECOND);
    },
  );

  it.each(generations)(
    'quirk 43: is never asked before it answers, in generation %i neither',
    (generation) => {
      const due = dueAfterRefresh(facts({ generation, earliestRefreshSeconds: 300 }), TIMING);
      // It counts from when it answered, and in whole seconds.
      expect(due).toBe(now + HOUR - 300 * SECOND + 2 * SECOND);
    },
  );

  it('is asked a tenth of those moments after they began, where they are few', () => {
    const due = dueAfterRefresh(facts({ earliestRefreshSeconds: 10 }), TIMING);
    expect(due).toBe(now + HOUR - 9 * SECOND);
  });

  it('keeps the margin where that is less', () => {
    const due = dueAfterRefresh(facts({ earliestRefreshSeconds: 1800, marginSeconds: 700 }), TIMING);
    expect(due).toBe(now + HOUR - 700 * SECOND);
  });
});
