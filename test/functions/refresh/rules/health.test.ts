import { describe, expect, it } from 'vitest';
import { health } from '../../../../functions/refresh/rules/health.ts';

const now = Date.UTC(2026, 0, 1);

describe('health', () => {
  it('is never "healthy" for a token that has expired, at the very instant', () => {
    expect(health({ lastOutcome: 'refreshed', expiresAt: now }, now)).toBe('retrying');
    expect(health({ lastOutcome: 'refreshed', expiresAt: now + 1 }, now)).toBe('healthy');
  });

  it('is "retrying" while failures are tried again, though the token is still good', () => {
    expect(health({ lastOutcome: 'retry-later', expiresAt: now + 1 }, now)).toBe('retrying');
  });

  it('is "retrying" before the first refresh', () => {
    expect(health({}, now)).toBe('retrying');
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
