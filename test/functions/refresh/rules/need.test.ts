import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../../../functions/refresh/connection-state.ts';
import { NEEDED_AFTER_MS, neededFrom, needOf } from '../../../../functions/refresh/rules/need.ts';
import { stateOf } from '../state-of.ts';

const now = Date.UTC(2026, 0, 1);
const need = (part: Partial<ConnectionState>, at = now) => needOf(stateOf(part), at, 'evertoken');

describe('a token that expired while its tries fail', () => {
  const failing = {
    lastOutcome: 'retry-later',
    lastErrorCode: 'name_lookup_failed',
    lastErrorMessage: 'The name idp.exmaple could not be looked up.',
  } as const;

  it('needs a person ten minutes after it expired, and not a moment sooner', () => {
    const state = { ...failing, expiresAt: now, failingSince: now - 3_600_000 };
    expect(need(state, now + NEEDED_AFTER_MS - 1)).toBeUndefined();
    expect(need(state, now + NEEDED_AFTER_MS)).toMatchObject({
      code: 'name_lookup_failed',
      message: 'The name idp.exmaple could not be looked up.',
      since: now + NEEDED_AFTER_MS,
    });
  });

  it('needs one ten minutes after the tries began to fail, where it had expired before', () => {
    expect(neededFrom(stateOf({ ...failing, expiresAt: now - 86_400_000, failingSince: now }))).toBe(
      now + NEEDED_AFTER_MS,
    );
  });
});
