import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../../functions/refresh/connection-state.ts';
import { health } from '../../../../functions/refresh/rules/health.ts';
import {
  NEEDED_AFTER_MS,
  neededFrom,
  needOf,
  needReport,
  troubleOf,
} from '../../../../functions/refresh/rules/need.ts';
import { seededRandom } from '../../../support/seeded-random.ts';
import { DAY, HOUR, MINUTE, NOW, SECOND, stateOf } from '../state-of.ts';

type Changes = Parameters<typeof stateOf>[0];
const need = (changes: Changes, at = NOW) => needOf(stateOf(changes), at, 'evertoken');
const from = (changes: Changes) => neededFrom(stateOf(changes));

const FAILING = {
  lastOutcome: 'retry-later',
  lastErrorSource: 'provider',
  lastErrorKind: 'never-sent',
  lastErrorCode: 'name_lookup_failed',
  lastErrorMessage: 'The name idp.exmaple could not be looked up.',
  dueAt: NOW + MINUTE,
} as const;

describe('a connection whose tries fail', () => {
  it('needs a person ten minutes after its token expired, and not a moment sooner', () => {
    const state = { ...FAILING, expiresAt: NOW - NEEDED_AFTER_MS, failingSince: NOW - HOUR };
    expect(need(state, NOW - 1)).toBeUndefined();
    expect(need(state)).toEqual({
      code: 'name_lookup_failed',
      message: 'The name idp.exmaple could not be looked up.',
      remedy: expect.stringMatching(/typing error in the host name/),
      since: NOW,
    });
  });

  it.each([
    'http_503',
    'html_answer',
    'version_quota',
    'http_429',
    'KMSThrottlingException',
    'unexpected_error',
  ])('needs one whatever the kind of failure: %s', (lastErrorCode) => {
    const state = { ...FAILING, lastErrorCode, expiresAt: NOW - HOUR, failingSince: NOW - NEEDED_AFTER_MS };
    expect(need(state)).toMatchObject({ code: lastErrorCode, since: NOW });
  });

  it('needs one ten minutes after the first failure, where the token had expired before or never came', () => {
    expect(from({ ...FAILING, expiresAt: NOW - DAY, failingSince: NOW })).toBe(NOW + NEEDED_AFTER_MS);
    expect(from({ ...FAILING, failingSince: NOW })).toBe(NOW + NEEDED_AFTER_MS);
  });

  it('needs nobody while its token lives', () => {
    expect(need({ ...FAILING, expiresAt: NOW + 1, failingSince: NOW - DAY })).toBeUndefined();
  });

  it('needs nobody for ten minutes after somebody changed it', () => {
    const state = { ...FAILING, expiresAt: NOW - DAY, failingSince: NOW - DAY, queuedAt: NOW };
    expect(from(state)).toBe(NOW + NEEDED_AFTER_MS);
  });
});

describe('a connection that waits for a person', () => {
  it.each(['awaiting-credentials', 'misconfigured', 'needs-reauthorization'] as const)(
    'needs one at once, though its token lives: %s',
    (lastOutcome) => {
      const state = { ...FAILING, lastOutcome, lastErrorAt: NOW, expiresAt: NOW + HOUR };
      expect(need(state)).toMatchObject({ code: 'name_lookup_failed', since: NOW });
      expect(need(state, NOW - 1)).toBeUndefined();
    },
  );

  it('needs one at once where an older version did not note since when', () => {
    expect(from({ lastOutcome: 'misconfigured', failingSince: NOW - HOUR })).toBe(NOW - HOUR);
    expect(from({ lastOutcome: 'misconfigured', obtainedAt: NOW - DAY, dueAt: NOW + HOUR })).toBe(NOW - DAY);
    expect(need({ lastOutcome: 'misconfigured', dueAt: NOW + HOUR })).toMatchObject({ since: 0 });
  });

  it('needs one still when other trouble comes between, until a refresh succeeds or somebody did something', () => {
    const told = { neededSince: NOW - HOUR, expiresAt: NOW + HOUR };
    expect(need({ ...FAILING, ...told })).toMatchObject({ since: NOW - HOUR });
    expect(need({ ...FAILING, ...told, queuedAt: NOW - MINUTE })).toBeUndefined();
    expect(need({ ...FAILING, ...told, queuedAt: NOW - HOUR })).toMatchObject({ since: NOW - HOUR });
    expect(need({ lastOutcome: 'refreshed', ...told })).toBeUndefined();
  });
});

describe('a connection that nothing tries', () => {
  it('needs a person ten minutes after its token expired', () => {
    const state = { lastOutcome: 'refreshed', expiresAt: NOW - NEEDED_AFTER_MS, dueAt: NOW - HOUR } as const;
    expect(need(state, NOW - 1)).toBeUndefined();
    expect(need(state)).toMatchObject({ code: 'not_tried', since: NOW });
    expect(need(state)?.remedy).toMatch(/schedule.*evertoken-refresh-due.*evertoken refresh crm/);
  });

  it('needs one ten minutes after it was registered, where it never had a token', () => {
    const state = { generation: 0, queuedAt: NOW - NEEDED_AFTER_MS, dueAt: NOW - NEEDED_AFTER_MS };
    expect(need(state, NOW - 1)).toBeUndefined();
    expect(need(state)).toMatchObject({ code: 'never_came', since: NOW });
    expect(from({ generation: 0, dueAt: NOW })).toBe(NOW + NEEDED_AFTER_MS);
  });

  it('is told apart from one that failed before and is tried on', () => {
    const state = { ...FAILING, expiresAt: NOW - DAY, failingSince: NOW - DAY };
    expect(need({ ...state, dueAt: NOW - NEEDED_AFTER_MS })).toMatchObject({ code: 'not_tried' });
    expect(need({ ...state, dueAt: NOW - NEEDED_AFTER_MS + 1 })).toMatchObject({
      code: 'name_lookup_failed',
    });
  });

  it('is told apart from one whose provider is left alone because of others', () => {
    const state = { lastOutcome: 'refreshed', expiresAt: NOW - HOUR, dueAt: NOW + 45 * SECOND } as const;
    expect(need(state)).toMatchObject({
      code: 'left_alone',
      remedy: expect.stringContaining('"crm" follows'),
    });
  });

  it('is in no need while that is as planned: tokens shorter than their secret bears', () => {
    const state = { lastOutcome: 'refreshed', stretched: true, expiresAt: NOW - 15 * MINUTE } as const;
    expect(from({ ...state, dueAt: NOW })).toBe(NOW + NEEDED_AFTER_MS);
    expect(from({ ...state, dueAt: NOW - HOUR })).toBe(NOW - 5 * MINUTE);
    const failing = { ...FAILING, stretched: true, failingSince: NOW - MINUTE, expiresAt: NOW - HOUR };
    expect(from({ ...failing, dueAt: NOW + DAY })).toBe(NOW + 9 * MINUTE);
  });
});

describe('a refresh token that ends', () => {
  const refreshed = {
    lastOutcome: 'refreshed',
    onlyRefreshed: true,
    obtainedAt: NOW,
    expiresAt: NOW + HOUR,
    dueAt: NOW + HOUR / 2,
  } as const;

  it('needs a person at once where the next refresh comes too late for it', () => {
    const state = { ...refreshed, refreshTokenExpiresAt: NOW + HOUR / 2 };
    expect(need(state)).toEqual({
      code: 'refresh_token_ends',
      message: expect.stringContaining('before it can be used'),
      remedy: expect.stringContaining('evertoken authorize crm'),
      since: NOW,
    });
    expect(need({ ...state, dueAt: NOW, dueAfterTold: NOW + HOUR / 2 })).toBeDefined();
  });

  it('needs one when it has ended unused', () => {
    expect(from({ ...refreshed, refreshTokenExpiresAt: NOW + HOUR / 2 + 1 })).toBe(NOW + HOUR / 2 + 1);
    const failing = { ...FAILING, failingSince: NOW - MINUTE, expiresAt: NOW + HOUR, onlyRefreshed: true };
    expect(from({ ...failing, dueAt: NOW + DAY, refreshTokenExpiresAt: NOW + HOUR / 4 })).toBe(NOW - MINUTE);
  });

  it('needs nobody where another grant follows, or where it was of use after its end', () => {
    const soon = { refreshTokenExpiresAt: NOW + MINUTE };
    expect(need({ ...refreshed, ...soon, onlyRefreshed: false })).toBeUndefined();
    expect(need({ ...refreshed, refreshTokenExpiresAt: NOW - 1 })).toBeUndefined();
  });

  it('is judged by what is declared where an older version noted nothing', () => {
    const old = { ...refreshed, onlyRefreshed: undefined, refreshTokenExpiresAt: NOW + MINUTE };
    const declared = (...grants: string[]) => ({ definition: { credentials: 'client', grants } });
    expect(need({ ...old, ...declared('refresh_token') })).toBeDefined();
    expect(need({ ...old, ...declared('refresh_token', 'password') })).toBeUndefined();
    expect(need(old)).toBeUndefined();
  });
});

describe('a state that cannot be read', () => {
  it('needs a person, who hears what cannot be and how to take it away', () => {
    const found = need({ unreadable: ['expiresAt', 'failures'], obtainedAt: NOW - HOUR });
    expect(found).toMatchObject({ code: 'unreadable_state', since: NOW - HOUR });
    expect(found?.message).toMatch(/expiresAt, failures$/);
    expect(found?.remedy).toMatch(/^Find out who wrote them, .*"REMOVE expiresAt, failures"; then/);
    expect(found?.remedy).not.toContain('deploy again');
    expect(found?.remedy).toContain('evertoken refresh crm --force');
  });

  it('is the last error too where a refresh stopped because of it', () => {
    const stopped = {
      lastOutcome: 'misconfigured',
      lastErrorCode: 'unreadable_state',
      lastErrorSource: 'store',
    } as const;
    const state = stateOf({ ...stopped, unreadable: ['attempt'], obtainedAt: NOW });
    const { since: _, ...words } = needOf(state, NOW, 'evertoken') ?? { since: 0 };
    expect(troubleOf(state, NOW, 'evertoken')).toEqual(words);
    // Mended, and not tried yet.
    expect(need({ ...stopped, lastErrorAt: NOW })?.remedy).toMatch(/tried again by itself/);
  });

  it('needs a deployment where that is the declaration, or of a newer version', () => {
    const declaration = need({ unreadable: ['definition'] })?.remedy;
    expect(declaration).toMatch(/^Deploy again/);
    expect(declaration).not.toContain('REMOVE');
    expect(need({ unreadable: ['schema'] })?.remedy).toMatch(/version of Evertoken that wrote it/);
  });
});

describe('a paused connection', () => {
  it('needs nobody, ever', () => {
    for (const lastOutcome of ['refreshed', 'retry-later', 'misconfigured'] as const) {
      expect(from({ lastOutcome, paused: true, expiresAt: NOW - DAY })).toBeUndefined();
      expect(need({ lastOutcome, paused: true, expiresAt: NOW - DAY })).toBeUndefined();
    }
  });
});

describe('the last error', () => {
  const trouble = (changes: Changes) => troubleOf(stateOf(changes), NOW, 'evertoken');

  it('asks for nothing until a person is needed, and says until when', () => {
    const state = { ...FAILING, failingSince: NOW - MINUTE, expiresAt: NOW - HOUR };
    expect(trouble(state)?.remedy).toBe(
      'Nothing until 2026-01-01T00:09:00Z: it is tried again by itself, next at 2026-01-01T00:01:00Z.',
    );
  });

  it('says the same as the need, once there is one', () => {
    const state = { ...FAILING, failingSince: NOW - HOUR, expiresAt: NOW - HOUR };
    const { since: _, ...words } = need(state) ?? { since: 0 };
    expect(trouble(state)).toEqual(words);
  });

  it('says of a paused connection what it takes to try again', () => {
    expect(trouble({ ...FAILING, paused: true })?.remedy).toContain('evertoken resume crm');
    expect(trouble({ ...FAILING, lastOutcome: 'needs-reauthorization', paused: true })?.remedy).toMatch(
      /^Sign in/,
    );
  });

  it('is none where there was none', () => {
    expect(trouble({ lastOutcome: 'refreshed', expiresAt: NOW - DAY })).toBeUndefined();
  });
});

describe('a need as JSON', () => {
  it('has its instant in ISO 8601, and is null where there is none', () => {
    const state = stateOf({ ...FAILING, failingSince: NOW - HOUR, expiresAt: NOW - NEEDED_AFTER_MS });
    expect(needReport(state, NOW, 'evertoken')).toMatchObject({ since: '2026-01-01T00:00:00.000Z' });
    expect(needReport(state, NOW - 1, 'evertoken')).toBeNull();
  });
});

describe('need and health', () => {
  it('never contradict each other, and need begins when it was foretold, in any state', () => {
    const { fraction } = seededRandom(7);
    const one = <Value>(values: readonly Value[]): Value =>
      values[Math.floor(fraction() * values.length)] as Value;
    const when = () =>
      one([undefined, NOW - DAY, NOW - HOUR, NOW - NEEDED_AFTER_MS, NOW - 1, NOW, NOW + 1, NOW + HOUR]);
    const calm = new Set(['healthy', 'new', 'retrying', 'paused']);
    const seen = new Set<string>();
    for (let tries = 0; tries < 20_000; tries += 1) {
      const state: ConnectionState = stateOf({
        lastOutcome: one([undefined, 'refreshed', 'retry-later', 'misconfigured', 'needs-reauthorization']),
        lastErrorCode: one([undefined, 'http_503']),
        expiresAt: when(),
        obtainedAt: when(),
        queuedAt: when(),
        failingSince: when(),
        lastErrorAt: when(),
        refreshTokenExpiresAt: when(),
        neededSince: when(),
        dueAt: when() ?? NOW,
        onlyRefreshed: one([true, false, undefined]),
        stretched: one([true, undefined]),
        paused: one([true, undefined, undefined]),
        unreadable: one([['expiresAt'], undefined, undefined, undefined]),
      });
      const found = needOf(state, NOW, 'evertoken');
      const word = health(state, NOW);
      seen.add(word);
      expect(calm.has(word), JSON.stringify(state)).toBe(found === undefined);
      const foretold = neededFrom(state);
      expect(found?.since, JSON.stringify(state)).toBe(
        foretold !== undefined && foretold <= NOW ? foretold : undefined,
      );
      if (word === 'healthy') expect(state.expiresAt).toBeGreaterThan(NOW);
    }
    expect([...seen].sort()).toEqual([
      'failing',
      'healthy',
      'misconfigured',
      'needs-reauthorization',
      'new',
      'paused',
      'retrying',
    ]);
  });
});
