import type { Connection } from '../connections/connection.ts';

/** One connection's item in the state table. Instants are epoch milliseconds; nothing in it is secret. */
export interface ConnectionState {
  readonly name: string;
  readonly schema: number;
  /** The connection as registered. */
  readonly definition: Connection;
  readonly dueAt: number;
  /** Since when the ticks have had it as it is: registered, declared anew, resumed, or given a refresh token. */
  readonly queuedAt?: number;
  readonly leaseOwner?: string;
  readonly leaseEndsAt?: number;
  /** The exchange that may have spent `refreshTokenVersionId` and is not settled. */
  readonly attempt?: string;
  /** When it was sent at the latest. */
  readonly attemptAt?: number;
  /** How often that version was sent without an answer, the open attempt included. Absent: once. */
  readonly unansweredSends?: number;
  readonly refreshTokenVersionId?: string;
  /** The version that the provider refused for sure, and under what: see `Refusal`. */
  readonly refusedRefreshTokenVersionId?: string;
  readonly refusedUnder?: string;
  readonly refusedAt?: number;
  /** How often it was refused under the same. */
  readonly refusals?: number;
  readonly tokenVersionId?: string;
  /** Absent: the token is in its secret. */
  readonly publishedTo?: 'parameter';
  readonly credentialsVersionId?: string;
  /** When somebody set them by the command: what was read of them before is old. */
  readonly credentialsSetAt?: number;
  /** The origin, or pattern of origins, that the credentials were sent to last. */
  readonly credentialsSentTo?: string;
  /** When that was the first time for these credentials, if this connection made it. */
  readonly credentialsSentToSince?: number;
  /** Their secret says where they may be sent. */
  readonly credentialsBound?: boolean;
  readonly expiresAt?: number;
  readonly refreshTokenExpiresAt?: number;
  /** The last refresh did not move that. */
  readonly endStays?: boolean;
  readonly obtainedAt?: number;
  /** So long before the end of a token its provider gave no other, milliseconds: the least such time. */
  readonly tooEarlyMs?: number;
  /** So long before the end it gave one, where it gave none before. */
  readonly earliestMs?: number;
  /** It has no grant but the refresh token: when that has ended, somebody must sign in. */
  readonly onlyRefreshed?: boolean;
  /** A digest of the access token, to know it again. */
  readonly tokenDigest?: string;
  /** When a refresh token was sent last, whatever came of it. */
  readonly refreshTokenSentAt?: number;
  /** When the token endpoint was asked last, whatever came of it. */
  readonly exchangedAt?: number;
  /** Successful refreshes so far. */
  readonly generation: number;
  /** Failures in a row. */
  readonly failures: number;
  /** The same by kind: outages say nothing about a refusal. */
  readonly failuresByKind?: Readonly<Record<string, number>>;
  /** Writes of the refresh-token secret, by hour since the epoch, of the last day. */
  readonly writesByHour: Readonly<Record<string, number>>;
  /** The same of the further secrets of its ring, by member. */
  readonly ringWritesByHour?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The same of the token's secret. */
  readonly tokenWritesByHour?: Readonly<Record<string, number>>;
  /** The last token that was obtained could not be published. */
  readonly unpublished?: boolean;
  readonly lastOutcome?: LastingOutcome;
  readonly lastErrorCode?: string;
  readonly lastErrorMessage?: string;
  readonly lastErrorSource?: FailureSource;
  /** Since when the connection has been failing with this outcome. */
  readonly lastErrorAt?: number;
  /** What kind of evidence the last error was, and since when it has been the same. */
  readonly lastErrorKind?: string;
  readonly lastErrorKindAt?: number;
  /** Since when every try has failed. */
  readonly failingSince?: number;
  /** Its tokens live shorter than their secrets bear: it is refreshed as seldom as that takes. */
  readonly stretched?: boolean;
  /** Notices that may not have been told yet; the connection is due sooner for their sake. */
  readonly untold?: readonly string[];
  /** When it is due for its token's sake, while it is due sooner so that something is told. */
  readonly dueAfterTold?: number;
  /** Since when a person is needed, as it was told; until it has recovered. */
  readonly neededSince?: number;
  /** What kind of need it was, as health has it. */
  readonly neededFor?: string;
  /** When that was told last. */
  readonly neededToldAt?: number;
  /** From when on a person is needed if nothing changes, and from when on the token is in danger. */
  readonly needAt?: number;
  readonly dangerAt?: number;
  /** The earliest of the two and of when it is due: its place among those who are watched. */
  readonly watchAt?: number;
  /** The last outcomes, at most 12, the oldest first: when, and whether a token was refreshed or it failed. */
  readonly recent?: readonly (readonly [at: number, what: 'r' | 'f'])[];
  /** How many outcomes the history has been told, and of the last since when and how often in a row. */
  readonly remembered?: { readonly outcomes: number; readonly since: number; readonly times: number };
  readonly paused?: boolean;
  readonly removedAt?: number;
  /** Attributes whose values are none that they can have, by name. Never stored: whoever reads the table notes it. */
  readonly unreadable?: readonly string[];
}

type Changeable = Omit<
  ConnectionState,
  'name' | 'schema' | 'definition' | 'leaseOwner' | 'leaseEndsAt' | 'paused' | 'removedAt' | 'unreadable'
>;

/** What a commit writes: a value sets the attribute, `null` removes it, an absent key leaves it alone. */
export type StateChange = { readonly [Key in keyof Changeable]?: Changeable[Key] | null };

/** What one refresh came to. */
export type Outcome =
  | 'refreshed'
  | 'fresh'
  | 'busy'
  | 'paused'
  | 'retry-later'
  | 'awaiting-credentials'
  | 'misconfigured'
  | 'needs-reauthorization'
  | 'unknown-connection';

/** Outcomes that are kept in the state: the ones that say how the connection stands. */
export type LastingOutcome = Extract<
  Outcome,
  'refreshed' | 'retry-later' | 'awaiting-credentials' | 'misconfigured' | 'needs-reauthorization'
>;

/** Who said no: the provider, a store of AWS's, or the connection as declared. */
export type FailureSource = 'provider' | 'store' | 'connection';

/** A failure for a person's eyes. */
export interface RefreshFailure {
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Why a person is needed, as JSON has it. */
export interface NeedReport extends RefreshFailure {
  /** ISO 8601. */
  readonly since: string;
}

/** The state with a change applied, as the table has it after the commit. */
export function applyChange(state: ConnectionState, change: StateChange): ConnectionState {
  const next: Record<string, unknown> = { ...state };
  for (const [key, value] of Object.entries(change)) {
    if (value !== null) next[key] = value;
    else if (key in next) delete next[key];
  }
  return next as unknown as ConnectionState;
}

/** When it is due for its token's sake, whatever is to be told before. Epoch milliseconds. */
export function nextDueAt({ dueAt, dueAfterTold }: Pick<ConnectionState, 'dueAt' | 'dueAfterTold'>): number {
  return dueAfterTold ?? dueAt;
}
