import { createHash } from 'node:crypto';
import type { Connection } from '../../connections/connection.ts';
import type { ConnectionState, StateChange } from '../connection-state.ts';
import { isInLastChance, lastChanceAt } from './retry-schedule.ts';
import type { Timing } from './timing.ts';

/**
 * That the provider refused one version of a refresh token for sure, and under what. It is not sent again
 * under the same credentials and the same definition, but once after an hour and once a day: servers err.
 */
export interface Refusal {
  readonly refusedRefreshTokenVersionId: string;
  /** Digest of the definition and of the credentials' version. */
  readonly refusedUnder: string;
  /** Epoch milliseconds. */
  readonly refusedAt: number;
  readonly refusals: number;
}

/** What a state keeps of it when another refresh token took its place. */
export const NO_REFUSAL = {
  refusedRefreshTokenVersionId: null,
  refusedUnder: null,
  refusedAt: null,
  refusals: null,
} satisfies StateChange;

/** In place of circumstances, and as an error code: a refresh token that was taken back here never lives again. */
export const REVOKED = 'revoked';

/** Whether this version was taken back here, whatever became of the connection since. */
export function isRevoked(
  state: Pick<ConnectionState, 'refusedRefreshTokenVersionId' | 'refusedUnder' | 'lastErrorCode'>,
  versionId: string,
): boolean {
  const isMarked = state.refusedUnder === REVOKED || state.lastErrorCode === REVOKED;
  return isMarked && state.refusedRefreshTokenVersionId === versionId;
}

/** What a refusal depends on beside the refresh token. The same for the same fields in any order. */
export function circumstances(definition: Connection, credentialsVersionId: string | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify([sorted(definition), credentialsVersionId ?? null]))
    .digest('base64url')
    .slice(0, 22);
}

/** The refusal of a version at `now`, counted on where it was refused before under the same. */
export function refusalOf(state: ConnectionState, versionId: string, under: string, now: number): Refusal {
  const isSame = isRemembered(state, versionId, under);
  const { refusedAt = now, refusals = 1 } = state;
  // The last try for the sake of the reader is one beside the others.
  if (isSame && isInLastChance(state.expiresAt, now)) {
    return { refusedRefreshTokenVersionId: versionId, refusedUnder: under, refusedAt, refusals };
  }
  return {
    refusedRefreshTokenVersionId: versionId,
    refusedUnder: under,
    refusedAt: now,
    refusals: isSame ? (state.refusals ?? 1) + 1 : 1,
  };
}

/**
 * When a version that was refused is sent once more, epoch milliseconds: after an hour or a day, and where that
 * can still save the reader of a token that lives; `undefined` where no refusal of it is
 * remembered under the same circumstances.
 */
export function refusedUntil(
  state: ConnectionState,
  versionId: string,
  under: string,
  { refusedAgainMs: [afterFirst, afterMore] }: Timing,
): number | undefined {
  if (isRevoked(state, versionId)) return Number.POSITIVE_INFINITY;
  if (!isRemembered(state, versionId, under)) return undefined;
  const refusedAt = state.refusedAt ?? state.lastErrorAt ?? 0;
  const until = refusedAt + ((state.refusals ?? 1) > 1 ? afterMore : afterFirst);
  return Math.min(until, lastChanceAt(state.expiresAt, state.refreshTokenSentAt ?? refusedAt) ?? until);
}

/** A state that was written before circumstances were kept remembers the version alone. */
function isRemembered(state: ConnectionState, versionId: string, under: string): boolean {
  if (state.refusedRefreshTokenVersionId !== versionId) return false;
  return state.refusedUnder === undefined || state.refusedUnder === under;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return entries.sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, each]) => [key, sorted(each)]);
}
