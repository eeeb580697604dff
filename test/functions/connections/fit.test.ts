import { describe, expect, test } from 'vitest';
import { type FitInput, type FitProblem, fit, marginSeconds } from '../../../functions/connections/fit.ts';
import { FIT_LIMITS, scaleFitLimits } from '../../../functions/connections/fit-limits.ts';
import { appliedRemedy } from '../../support/applied-remedy.ts';

const errors = (problems: FitProblem[]) => problems.filter(({ level }) => level === 'error');
const levels = (input: FitInput) => fit(input).map(({ level, field }) => `${level} ${field}`);

describe('the refresh interval', () => {
  test('refuses a lifetime of 1666 s with default settings, and says what would do', () => {
    expect(fit({ lifetimeSeconds: 1666 })).toEqual([
      {
        level: 'error',
        field: 'defaultLifetimeSeconds',
        message:
          'a token that lives 1666 s with a margin of 600 s would be refreshed every 959.4 s, and its secret would be written as often; ' +
          'Secrets Manager keeps all versions of a day and takes one write in 900 s and a tick, 960 s',
        remedy: 'set marginSeconds to 599, or have the provider issue tokens that live at least 1667 s',
      },
    ]);
  });

  test('accepts a lifetime of 1667 s with default settings', () => {
    expect(fit({ lifetimeSeconds: 1667 })).toEqual([]);
  });

  test('is the one at which a secret is written 90 times a day', () => {
    expect(FIT_LIMITS.minIntervalSeconds + FIT_LIMITS.tickSeconds).toBe(86_400 / 90);
  });

  test('refuses a margin that leaves too little, by one second', () => {
    // 0.9 × (2133 − 1066) = 960.3; a margin of 1067 s is cut to half the lifetime, and 0.9 × 1066.5 = 959.85.
    expect(levels({ lifetimeSeconds: 2133, marginSeconds: 1067 })).toEqual([
      'error marginSeconds',
      'warning marginSeconds',
    ]);
    expect(levels({ lifetimeSeconds: 2133, marginSeconds: 1066 })).toEqual([]);
  });

  test('names both secrets where a refresh token is spent', () => {
    const [problem] = fit({ lifetimeSeconds: 1000, spendsRefreshToken: true });
    expect(problem?.message).toContain('the secrets of the token and of its refresh token would be written');
  });

  test('offers a shorter cache with a smaller margin where the cache is in the way', () => {
    expect(fit({ lifetimeSeconds: 1500 })[0]?.remedy).toBe(
      'set marginSeconds to 433 with readerCacheSeconds at most 283, or have the provider issue tokens that live at least 1667 s',
    );
  });

  test('offers nothing but longer tokens below 1217 s, where not even readers without a cache are safe', () => {
    expect(fit({ lifetimeSeconds: 1216, readerCacheSeconds: 0 })[0]?.remedy).toBe(
      'have the provider issue tokens that live at least 1667 s',
    );
    expect(fit({ lifetimeSeconds: 1217, readerCacheSeconds: 0 })[0]?.remedy).toMatch(
      /^set marginSeconds to 150 with readerCacheSeconds|^set marginSeconds to 150,/,
    );
    expect(errors(fit({ lifetimeSeconds: 1217, readerCacheSeconds: 0, marginSeconds: 150 }))).toEqual([]);
  });

  test('counts a refresh token that dies of inactivity before the access token', () => {
    expect(levels({ lifetimeSeconds: 3600, refreshTokenInactivitySeconds: 1559 })).toEqual([
      'error defaultLifetimeSeconds',
    ]);
    expect(levels({ lifetimeSeconds: 3600, refreshTokenInactivitySeconds: 1560 })).toEqual([]);
    expect(levels({ lifetimeSeconds: 3600, refreshTokenInactivitySeconds: 60 * 86_400 })).toEqual([]);
  });
});

describe('caching readers', () => {
  test('refuses a margin one second short of cache, two ticks and a refresh', () => {
    expect(levels({ lifetimeSeconds: 3600, marginSeconds: 449 })).toEqual(['error marginSeconds']);
    expect(levels({ lifetimeSeconds: 3600, marginSeconds: 450 })).toEqual(['warning marginSeconds']);
  });

  test('warns of a margin that one failed try would use up', () => {
    expect(levels({ lifetimeSeconds: 3600, marginSeconds: 569 })).toEqual(['warning marginSeconds']);
    expect(levels({ lifetimeSeconds: 3600, marginSeconds: 570 })).toEqual([]);
  });

  test('needs 3750 s for the hour that AWS caching clients cache by default', () => {
    expect(levels({ lifetimeSeconds: 14_400, marginSeconds: 3749, readerCacheSeconds: 3600 })).toEqual([
      'error marginSeconds',
    ]);
    expect(errors(fit({ lifetimeSeconds: 14_400, marginSeconds: 3750, readerCacheSeconds: 3600 }))).toEqual(
      [],
    );
  });

  test('looks at readerCacheSeconds first where the margin is the default', () => {
    const [problem] = fit({ lifetimeSeconds: 3600, readerCacheSeconds: 3600 });
    expect(problem).toMatchObject({
      field: 'readerCacheSeconds',
      message:
        'a reader that caches for 3600 s could use an expired token: the margin is 600 s and would have to be at least 3750 s (the cache, two ticks and a refresh)',
      remedy: 'have readers cache for at most 450 s and set readerCacheSeconds to that',
    });
  });

  test('a cache of 0 is a cache of 0, not the default', () => {
    expect(levels({ lifetimeSeconds: 3600, marginSeconds: 270, readerCacheSeconds: 0 })).toEqual([]);
    expect(levels({ lifetimeSeconds: 3600, marginSeconds: 149, readerCacheSeconds: 0 })).toEqual([
      'error marginSeconds',
    ]);
  });
});

describe('readers of a parameter, which is written by a wake-up to the second', () => {
  const short = { lifetimeSeconds: 300, place: 'parameter' } as const;

  test('are safe with the cache, a late wake-up and a refresh, and refused one second short of it', () => {
    expect(errors(fit({ ...short, marginSeconds: 75, readerCacheSeconds: 30 }))).toEqual([]);
    expect(fit({ ...short, marginSeconds: 74, readerCacheSeconds: 30 })).toEqual([
      {
        level: 'error',
        field: 'marginSeconds',
        message:
          'a reader that caches for 30 s could use an expired token: the margin is 74 s and would have to be at least 75 s (the cache, a late wake-up and a refresh)',
        remedy:
          'set marginSeconds to 75, or have readers cache for at most 29 s and set readerCacheSeconds to that',
      },
    ]);
  });

  test('survive one failed try with a wait and the same once more', () => {
    expect(levels({ ...short, readerCacheSeconds: 30 })).toEqual([]);
    expect(levels({ ...short, readerCacheSeconds: 31 })).toEqual(['warning readerCacheSeconds']);
    expect(levels({ ...short, readerCacheSeconds: 105 })).toEqual(['warning readerCacheSeconds']);
    expect(levels({ ...short, readerCacheSeconds: 106 })).toEqual(['error readerCacheSeconds']);
  });

  test('bear what a provider leaves that gives another token in the last 45 s, and are warned of less', () => {
    const late = (earliestRefreshSeconds: number) =>
      fit({ ...short, readerCacheSeconds: 0, earliestRefreshSeconds }).map(({ message }) => message);
    expect(late(45)).toEqual([expect.stringContaining('one failed refresh could leave a reader')]);
    expect(late(44)).toEqual([expect.stringContaining('only in the last 44 s of one')]);
  });

  test('need the two ticks where the token is in a secret, or due too late for a message', () => {
    const late = { lifetimeSeconds: 3600, marginSeconds: 75, readerCacheSeconds: 30 };
    expect(levels(late)).toEqual(['error marginSeconds']);
    expect(levels({ ...late, place: 'parameter' })).toEqual(['error marginSeconds']);
    expect(levels({ ...late, place: 'parameter', lifetimeSeconds: 976 })).toEqual(['error marginSeconds']);
    expect(levels({ ...late, place: 'parameter', lifetimeSeconds: 975 })).toEqual(['warning marginSeconds']);
  });
});

describe('the ways out of a lifetime that is too short for a secret', () => {
  const remedyOf = (input: FitInput) => fit(input)[0]?.remedy;

  test('are margin and cache, the other place, and a longer lifetime', () => {
    expect(remedyOf({ lifetimeSeconds: 1500, mayMove: true })).toBe(
      'set marginSeconds to 433 with readerCacheSeconds at most 283, or set "publishTo" to "parameter", which may be written as often, or have the provider issue tokens that live at least 1667 s',
    );
  });

  test('leave out the other place where the token must stay, is there already, or would be too fast for it', () => {
    for (const input of [
      { lifetimeSeconds: 1500 },
      { lifetimeSeconds: 200, mayMove: true, place: 'parameter' },
      { lifetimeSeconds: 200, mayMove: true },
      { lifetimeSeconds: 200, mayMove: true, spendsRefreshToken: true },
    ] as const) {
      expect(remedyOf(input)).not.toContain('publishTo');
    }
  });
});

describe('a refresh token that rotates with a token of minutes', () => {
  const minutes = { spendsRefreshToken: true, place: 'parameter', readerCacheSeconds: 0 } as const;

  test('fits as often as eight secrets bear in turn, once in 120 s', () => {
    expect(fit({ ...minutes, lifetimeSeconds: 267 })).toEqual([]);
    const [problem] = fit({ ...minutes, lifetimeSeconds: 266 });
    expect(problem).toMatchObject({ level: 'error', field: 'defaultLifetimeSeconds' });
  });

  test('is bound by its secrets where there are fewer, and not where it stays', () => {
    const few = { ...FIT_LIMITS, secretsInTurn: 2 };
    expect(fit({ ...minutes, lifetimeSeconds: 300 }, few)[0]?.level).toBe('error');
    expect(fit({ ...minutes, spendsRefreshToken: false, lifetimeSeconds: 300 }, few)).toEqual([]);
  });

  test('that dies of inactivity sooner than its secret may be written can go round too', () => {
    const idle = { lifetimeSeconds: 3600, refreshTokenInactivitySeconds: 900, spendsRefreshToken: true };
    const [problem] = fit({ ...idle, mayMove: true });
    expect(problem?.remedy).toMatch(/^set "publishTo" to "parameter", or have the provider keep unused/);
    expect(fit({ ...idle, place: 'parameter' })).toEqual([]);
  });
});

describe('a provider that gives another token late', () => {
  test('offers readers a shorter cache, and no margin that the provider does not allow', () => {
    const [problem] = fit({ lifetimeSeconds: 3600, earliestRefreshSeconds: 300 });
    expect(problem).toMatchObject({ level: 'error', field: 'readerCacheSeconds' });
    expect(problem?.message).toContain('the margin is 300 s');
    expect(problem?.remedy).toBe('have readers cache for at most 150 s and set readerCacheSeconds to that');
  });

  test('only warns where no setting makes readers safe, since there is no other way to have its tokens', () => {
    const late = { lifetimeSeconds: 3600, readerCacheSeconds: 0 };
    expect(fit({ ...late, earliestRefreshSeconds: 149 })).toEqual([
      {
        level: 'warning',
        field: 'readerCacheSeconds',
        message: expect.stringContaining('only in the last 149 s of one'),
        remedy: 'have readers read the secret again on a 401, as evertoken/reader does',
      },
    ]);
    expect(errors(fit({ ...late, earliestRefreshSeconds: 150 }))).toEqual([]);
  });
});

test('a margin above half the lifetime is told, since half is used', () => {
  expect(fit({ lifetimeSeconds: 3600, marginSeconds: 1801 })).toEqual([
    {
      level: 'warning',
      field: 'marginSeconds',
      message: 'marginSeconds is 1801, more than half of a lifetime of 3600 s; 1800 s is used',
      remedy: 'set marginSeconds to at most 1800',
    },
  ]);
  expect(fit({ lifetimeSeconds: 3600, marginSeconds: 1800 })).toEqual([]);
});

test('whoever follows a remedy has no error left', () => {
  let followed = 0;
  for (let lifetimeSeconds = 120; lifetimeSeconds <= 9000; lifetimeSeconds += 37) {
    for (const margin of [undefined, 60, 300, 600, 1200, 2400]) {
      for (const readerCacheSeconds of [0, 60, 300, 900, 3600]) {
        for (const place of ['secret', 'parameter'] as const) {
          const input = { lifetimeSeconds, marginSeconds: margin, readerCacheSeconds, place, mayMove: true };
          for (const problem of errors(fit(input))) {
            for (const better of appliedRemedy(problem, input)) {
              followed += 1;
              const left = errors(fit(better)).filter(({ message }) => sameKind(message, problem.message));
              expect(left, JSON.stringify({ input, better, remedy: problem.remedy })).toEqual([]);
            }
          }
        }
      }
    }
  }
  expect(followed).toBeGreaterThan(1000);
});

const sameKind = (one: string, other: string) => one.startsWith('a reader') === other.startsWith('a reader');

test('local time scales every limit alike', () => {
  const limits = scaleFitLimits(FIT_LIMITS, 60);
  const scaled = (seconds: number, margin: number) => ({
    lifetimeSeconds: seconds / 60,
    marginSeconds: margin / 60,
  });
  expect(errors(fit(scaled(1666, 600), limits))).toHaveLength(1);
  expect(errors(fit(scaled(1667, 600), limits))).toEqual([]);
  expect(errors(fit(scaled(3600, 449), limits))).toHaveLength(1);
  expect(errors(fit(scaled(3600, 450), limits))).toEqual([]);
});

test.each([
  ['a configured margin is cut to half the lifetime', 1000, 900, 500],
  ['a configured margin of exactly half the lifetime stays', 1000, 500, 500],
  ['a configured margin is used as it is', 3600, 900, 900],
  ['ten minutes are cut to half the lifetime', 1199, undefined, 599.5],
  ['ten minutes at exactly twice that lifetime', 1200, undefined, 600],
  ['ten minutes for an hour', 3600, undefined, 600],
  ['ten minutes up to 6000 s', 6000, undefined, 600],
  ['a tenth beyond', 6010, undefined, 601],
  ['a tenth of a day', 86_400, undefined, 8640],
])('%s', (_, lifetime, configured, expected) => {
  expect(marginSeconds(lifetime, configured)).toBe(expected);
});
