import { fit } from '../../functions/connections/fit.ts';
import type {
  ConnectionState,
  LastingOutcome,
  RefreshFailure,
} from '../../functions/refresh/connection-state.ts';
import { resultOf } from '../../functions/refresh/refresh-result.ts';
import { type Health, health, isWaiting } from '../../functions/refresh/rules/health.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

/** How a connection stands, for a person or a script. Instants are ISO 8601. */
export interface ConnectionStatus {
  readonly connection: string;
  readonly health: Health;
  readonly expiresAt: string | null;
  /** `null` while paused. */
  readonly nextDueAt: string | null;
  /** `null` before the first refresh. */
  readonly lastOutcome: LastingOutcome | null;
  /** When the token was obtained. */
  readonly obtainedAt: string | null;
  readonly refreshTokenExpiresAt: string | null;
  /** Successful refreshes so far. */
  readonly refreshes: number;
  /** Since when it has been failing in this way. */
  readonly failingSince: string | null;
  readonly error: RefreshFailure | null;
  /** Why its tokens cannot be kept fresh all the time, though nothing fails. */
  readonly misfit: RefreshFailure | null;
}

/** `now` in epoch milliseconds. */
export function statusOf(state: ConnectionState, now: number, namespace: string): ConnectionStatus {
  const { expiresAt, nextDueAt, error } = resultOf(state, state.lastOutcome ?? 'retry-later', now, namespace);
  return {
    connection: state.name,
    health: health(state, now),
    expiresAt,
    nextDueAt,
    lastOutcome: state.lastOutcome ?? null,
    obtainedAt: iso(state.obtainedAt),
    refreshTokenExpiresAt: iso(state.refreshTokenExpiresAt),
    refreshes: state.generation,
    failingSince: error === null ? null : iso(state.lastErrorAt),
    error,
    misfit: misfitOf(state),
  };
}

/** The lifetime that the provider answers with, held against what a secret takes. */
function misfitOf(state: ConnectionState): RefreshFailure | null {
  const { stretched, expiresAt, obtainedAt, definition } = state;
  if (!stretched || expiresAt === undefined || obtainedAt === undefined) return null;
  const lifetimeSeconds = Math.round((expiresAt - obtainedAt) / 1000);
  const { marginSeconds, readerCacheSeconds } = definition;
  const [problem] = fit({ lifetimeSeconds, marginSeconds, readerCacheSeconds });
  const short = `its tokens live ${lifetimeSeconds} s, shorter than their secret can be written, so that readers find an expired one in between`;
  return {
    code: 'lifetime_too_short',
    message: problem === undefined ? short : `${short}: ${problem.message}`,
    remedy: problem?.remedy ?? 'have the provider issue tokens that live longer',
  };
}

/** Whether any of these waits for a person. */
export function exitCodeOfHealth(all: readonly (Health | null)[]): ExitCode {
  return all.some((each) => isWaiting(each ?? undefined)) ? EXIT.needsHuman : EXIT.done;
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
