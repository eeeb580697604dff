import {
  type ConnectionState,
  type NeedReport,
  nextDueAt,
  type Outcome,
  type RefreshFailure,
} from './connection-state.ts';
import { type Health, health } from './rules/health.ts';
import { needReport, troubleOf } from './rules/need.ts';

/** What a caller learns of one refresh. Never a token. */
export interface RefreshResult {
  readonly connection: string;
  readonly outcome: Outcome;
  /** `null` for a connection that is not registered. */
  readonly health: Health | null;
  /** ISO 8601. */
  readonly expiresAt: string | null;
  /** ISO 8601. */
  readonly nextDueAt: string | null;
  readonly error: RefreshFailure | null;
  /** Why a person is needed; `null` when nobody is. */
  readonly need: NeedReport | null;
}

/** The answer about a connection that stands as `state` says. */
export function resultOf(
  state: ConnectionState,
  outcome: Outcome,
  now: number,
  namespace: string,
): RefreshResult {
  return {
    connection: state.name,
    outcome,
    health: health(state, now),
    expiresAt: iso(state.expiresAt),
    nextDueAt: state.paused ? null : iso(nextDueAt(state)),
    error: troubleOf(state, now, namespace) ?? null,
    need: needReport(state, now, namespace),
  };
}

/** The answer about a connection that nobody registered. */
export function unknownConnection(name: string, namespace: string): RefreshResult {
  return {
    connection: name,
    outcome: 'unknown-connection',
    health: null,
    expiresAt: null,
    nextDueAt: null,
    error: {
      code: 'unknown_connection',
      message: `no connection "${name}" is declared in the namespace "${namespace}"`,
      remedy: 'Check the spelling, or declare the connection in connections.json and deploy.',
    },
    need: null,
  };
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
