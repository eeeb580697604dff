import { parameterName, secretName } from '../aws/resource-names.ts';
import { credentialsName, providerName } from '../connections/connection-labels.ts';
import type { ConnectionState, RefreshFailure } from '../refresh/connection-state.ts';
import { resultOf } from '../refresh/refresh-result.ts';
import { type Health, health } from '../refresh/rules/health.ts';
import { type Need, needOf } from '../refresh/rules/need.ts';
import type { Timing } from '../refresh/rules/timing.ts';
import { writeAccounts } from '../refresh/rules/write-accounts.ts';
import { writesLeft } from '../refresh/rules/write-quota.ts';

/** What came of one try, or of several that ended alike. Instants are epoch milliseconds. */
export interface Mark {
  readonly at: number;
  /** The first of those that ended alike; absent: `at`. */
  readonly since?: number;
  readonly kind: 'refreshed' | 'failed';
}

/** One connection as a page shows it. Instants are epoch milliseconds; nothing in it is secret. */
export interface ConnectionView {
  readonly name: string;
  /** Its preset, or the host of its token endpoint. */
  readonly provider: string;
  readonly health: Health;
  readonly need: Need | undefined;
  /** What failed last, though nobody may be needed for it. */
  readonly error: RefreshFailure | undefined;
  readonly errorSince: number | undefined;
  readonly obtainedAt: number | undefined;
  readonly expiresAt: number | undefined;
  /** `undefined` while paused. */
  readonly dueAt: number | undefined;
  /** Where the token lies. */
  readonly place: string;
  readonly refreshTokenExpiresAt: number | undefined;
  readonly refreshes: number;
  readonly failures: number;
  readonly grants: string;
  readonly credentials: string;
  readonly credentialsSentTo: string | undefined;
  /** Versions that may still be written today of the one of its secrets that is written more often. */
  readonly writesLeft: number;
  /** The last tries, in order of time. */
  readonly recent: readonly Mark[];
}

/** When and where connections are looked at. `now` in epoch milliseconds. */
export interface Viewpoint {
  readonly now: number;
  readonly namespace: string;
  readonly timing: Timing;
}

export function connectionView(
  state: ConnectionState,
  { now, namespace, timing }: Viewpoint,
): ConnectionView {
  const { definition, paused } = state;
  const { error } = resultOf(state, state.lastOutcome ?? 'retry-later', now, namespace);
  return {
    name: state.name,
    provider: providerName(definition) ?? '-',
    health: health(state, now),
    need: needOf(state, now, namespace),
    error: error ?? undefined,
    errorSince: error ? state.lastErrorAt : undefined,
    obtainedAt: state.obtainedAt,
    expiresAt: state.expiresAt,
    dueAt: paused ? undefined : (state.dueAfterTold ?? state.dueAt),
    place: placeOf(state, namespace),
    refreshTokenExpiresAt: state.refreshTokenExpiresAt,
    refreshes: state.generation,
    failures: state.failures,
    grants: definition.grants?.join(', ') ?? "the provider's",
    credentials: credentialsName(definition),
    credentialsSentTo: state.credentialsSentTo,
    writesLeft: writesLeft(writeAccounts(state), now, timing),
    recent: (state.recent ?? []).map(([at, kind]) => ({ at, kind: kind === 'r' ? 'refreshed' : 'failed' })),
  };
}

function placeOf({ name, definition, publishedTo }: ConnectionState, namespace: string): string {
  if (definition.token !== undefined) return definition.token.secretArn;
  return publishedTo === 'parameter'
    ? parameterName.token(namespace, name)
    : secretName.token(namespace, name);
}
