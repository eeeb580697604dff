import { describe, expect, it } from 'vitest';
import { health as healthOf } from '../../../../functions/refresh/rules/health.ts';
import { stateOf } from '../state-of.ts';

const now = Date.UTC(2026, 0, 1);
const health = (changes: Parameters<typeof stateOf>[0], at: number) => healthOf(stateOf(changes), at);

describe('health', () => {
  it('is never "healthy" for a token that has expired, at the very instant', () => {
    expect(health({ lastOutcome: 'refreshed', expiresAt: now }, now)).toBe('retrying');
    expect(health({ lastOutcome: 'refreshed', expiresAt: now + 1 }, now)).toBe('healthy');
  });

  it('is "retrying" while failures are tried again, though the token is still good', () => {
    expect(health({ lastOutcome: 'retry-later', expiresAt: now + 1 }, now)).toBe('retrying');
  });

  it('is "new" before the first refresh, for as long as nobody is needed', () => {
    expect(health({ generation: 0, queuedAt: now }, now + 599_999)).toBe('new');
    expect(health({ generation: 0, queuedAt: now }, now + 600_000)).toBe('failing');
  });

  it('is "failing" once the token has been gone for ten minutes, whatever the kind of failure', () => {
    const state = { lastOutcome: 'retry-later', failingSince: now, expiresAt: now } as const;
    expect(health(state, now + 599_999)).toBe('retrying');
    expect(health(state, now + 600_000)).toBe('failing');
  });

  it('is "needs-reauthorization" though the token is good, where the refresh token ends unused', () => {
    const state = {
      lastOutcome: 'refreshed',
      expiresAt: now + 2,
      onlyRefreshed: true,
      obtainedAt: now,
    } as const;
    expect(health({ ...state, refreshTokenExpiresAt: now + 1, dueAt: now + 1 }, now)).toBe(
      'needs-reauthorization',
    );
    expect(health({ ...state, refreshTokenExpiresAt: now + 2, dueAt: now + 1 }, now)).toBe('healthy');
  });

  it('is "misconfigured" where the state cannot be read', () => {
    expect(health({ unreadable: ['failures'], lastOutcome: 'refreshed', expiresAt: now + 1 }, now)).toBe(
      'misconfigured',
    );
  });

  it.each(['awaiting-credentials', 'misconfigured', 'needs-reauthorization'] as const)(
    'names what a person must do: %s',
    (lastOutcome) => {
      expect(health({ lastOutcome, expiresAt: now + 1 }, now)).toBe(lastOutcome);
    },
  );

  it('is "paused" whatever else is true', () => {
    expect(health({ lastOutcome: 'refreshed', expiresAt: now + 1, paused: true }, now)).toBe('paused');
  });
});
