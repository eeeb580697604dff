import { marginSeconds } from '../../connections/fit.ts';
import type { ConnectionState, Outcome, RefreshFailure } from '../connection-state.ts';
import { JITTER_SHARE } from './schedule.ts';
import type { Timing } from './timing.ts';
import { writeAccounts } from './write-accounts.ts';
import { leavesRoomFor } from './write-quota.ts';

const DEFAULT_LIFETIME_MS = 3_600_000;

/** The code of a forced refresh for which the version quota has no room. */
export const FORCED_TOO_OFTEN = 'forced_too_often';

/** Why a forced refresh is not made. */
export interface ForceRefusal {
  readonly outcome: Outcome;
  /** For who asked; the connection itself is as it was. */
  readonly error?: RefreshFailure;
}

/**
 * Why a forced refresh would be too much; `undefined` when it is made. Its token is new enough when it was
 * obtained after the request; a provider is never asked twice within the gap, whatever came of it the first
 * time; and the version quota that ticks need is not spent on it.
 * @param now epoch milliseconds
 */
export function refusalOfForce(
  state: ConnectionState,
  { requestedAt }: { readonly requestedAt: number },
  now: number,
  timing: Timing,
): ForceRefusal | undefined {
  const { obtainedAt, exchangedAt, lastOutcome = 'retry-later' } = state;
  if (obtainedAt !== undefined && obtainedAt >= requestedAt) return { outcome: 'fresh' };
  const lastAt = Math.max(obtainedAt ?? 0, exchangedAt ?? 0);
  if (lastAt > 0 && now - lastAt < timing.forceGapMs) {
    return { outcome: lastOutcome === 'refreshed' ? 'fresh' : lastOutcome };
  }
  const everyMs = cycleMs(state);
  const hasRoom = writeAccounts(state).every((account) => leavesRoomFor(account, everyMs, now, timing));
  if (hasRoom) return undefined;
  return {
    outcome: 'retry-later',
    error: {
      code: FORCED_TOO_OFTEN,
      message:
        'Secrets Manager takes some 90 versions of a secret in a day, and the scheduled refreshes need those that are left',
      remedy: 'Read the token that is there: it is kept fresh. Forcing is for a token that was revoked.',
    },
  };
}

/** How far apart scheduled refreshes are at least. */
function cycleMs({ obtainedAt, expiresAt, definition }: ConnectionState): number {
  const lifetimeMs =
    obtainedAt === undefined || expiresAt === undefined
      ? DEFAULT_LIFETIME_MS
      : Math.max(1, expiresAt - obtainedAt);
  const marginMs = marginSeconds(lifetimeMs / 1000, definition.marginSeconds) * 1000;
  return (lifetimeMs - marginMs) * (1 - JITTER_SHARE);
}
