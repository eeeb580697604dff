import type { Connection } from '../../connections/connection.ts';
import type { ConnectionState, LastingOutcome, StateChange } from '../connection-state.ts';

import type { PastOutcome } from './history.ts';
import type { CallOptions } from './outside.ts';

export interface LeaseRequest {
  readonly owner: string;
  readonly now: number;
  readonly endsAt: number;
  /** Id of the exchange that may follow; kept only when no attempt is open. */
  readonly attempt: string;
  /** When an exchange of this attempt is sent at the latest. Default `now`. */
  readonly attemptAt?: number;
  /** Acquire although the connection is not due. */
  readonly force: boolean;
  /** Acquire although the connection is paused: to change what it has, never to refresh it. Default false. */
  readonly evenPaused?: boolean;
}

/** A refresh token that is about to be sent. */
export interface AttemptOpening {
  readonly attempt: string;
  /** The version that is sent; it is the one that counts from now on. */
  readonly versionId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Sends of this version so far that had no answer, and this one. */
  readonly sends: number;
}

export type LeaseAnswer =
  | { readonly kind: 'acquired'; readonly state: ConnectionState }
  | { readonly kind: 'busy' | 'not-due' | 'paused'; readonly state: ConnectionState }
  | { readonly kind: 'unknown' };

/** A connection that is due, as the index knows it. */
export interface DueConnection {
  readonly name: string;
  readonly dueAt: number;
  readonly definition: Connection;
}

/** A pause for one origin, or one client at one origin. */
export interface Cooldown {
  /** Epoch milliseconds. */
  readonly endsAt: number;
  readonly reason: string;
  /** Failures in a row that led to it. */
  readonly failures: number;
}

/** Why a request by event was not honoured. */
export type RefusalOfRequest =
  /** It comes from an account that is not the deployment's own. */
  | 'other-account'
  /** Its detail is none that a request has. */
  | 'malformed'
  | 'too-many-names'
  /** More was asked for by events within a minute than a deployment does at events' bidding. */
  | 'too-many-requests'
  /** A connection that it names is not registered. */
  | 'unknown-connection'
  /** The version quota that scheduled refreshes need is not spent on it. */
  | 'forced-too-often';

export interface RefusedRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: RefusalOfRequest;
  /** The account that it came from; empty where the event named none that can be. */
  readonly account: string;
  /** The source that its sender gave, made harmless. */
  readonly source: string;
}

/** What events may ask for together. */
export interface RequestBudget {
  /** Names in one window. */
  readonly names: number;
  readonly windowMs: number;
}

/** How many token requests a provider allows in any time of this length. */
export interface CallBudget {
  readonly calls: number;
  readonly windowMs: number;
}

/** Which credentials a connection sends where, by their name or the ARN of their secret. `at`: epoch milliseconds. */
export interface OriginNote {
  readonly credentials: string;
  readonly origin: string;
  readonly name: string;
  readonly at: number;
}

/**
 * What a tick came to, that let the next one begin: it was at its end, or had only to wait for what it had begun.
 * Instants in epoch milliseconds.
 */
export interface TickRecord {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Connections that it found due. */
  readonly due: number;
  readonly refreshed: number;
  readonly failed: number;
  /** Left for the next tick, for want of time. */
  readonly left: number;
  /** Since when the first of what it found due at its beginning was due. Absent: nothing was. */
  readonly oldestDueAt?: number;
}

/** `worksUntil`: when the tick begins with nothing more, epoch milliseconds. */
export type TickLeaseOptions = CallOptions & { readonly worksUntil?: number };

/** A connection as the index of who is watched knows it. Instants in epoch milliseconds. */
export interface WatchedConnection {
  readonly name: string;
  /** When it must be looked at: it is due, somebody is needed from then on, or its token is in danger. */
  readonly watchAt: number;
  readonly dueAt: number;
  readonly needAt?: number;
  readonly dangerAt?: number;
  readonly expiresAt?: number;
  readonly lastOutcome?: LastingOutcome;
}

/** A registered connection as the same index knows it, paused or not. Instants in epoch milliseconds. */
export interface RegisteredConnection {
  readonly name: string;
  /** Of its definition: `definitionDigest`. Absent: an earlier version registered it. */
  readonly digest?: string;
  readonly paused?: boolean;
  /** When its declaration was first not found. */
  readonly missingAt?: number;
  readonly lastOutcome?: LastingOutcome;
  readonly needAt?: number;
  readonly neededFor?: string;
  readonly neededToldAt?: number;
  readonly untold?: readonly string[];
  readonly refreshTokenExpiresAt?: number;
  readonly endStays?: boolean;
  readonly onlyRefreshed?: boolean;
}

/** How far a listing of the declarations has come. Instants in epoch milliseconds. */
export interface Listing {
  readonly startedAt: number;
  /** When this was written down. */
  readonly keptAt: number;
  /** Leads to the next page; absent where it came to its end. */
  readonly next?: string;
  /** How many were declared until then. */
  readonly declared: number;
  /** Which: 8 bytes for each; absent where it came to its end. */
  readonly seen?: Uint8Array;
}

/** What reconciling saw of all connections. */
export interface Fleet {
  /** When, epoch milliseconds. */
  readonly at: number;
  /** Everyone who is registered is in the index of who is watched, at the latest when it is due. */
  readonly areWatched?: boolean;
  readonly registered: number;
  readonly paused: number;
  /** The soonest ends of refresh tokens that only signing in again can move, at most 20, epoch milliseconds. */
  readonly refreshTokenEnds: readonly number[];
}

export interface UnregisterOptions extends CallOptions {
  /** A person asked for it: one call removes. Default false. */
  readonly confirmed?: boolean;
}

/** The state table. All instants are epoch milliseconds. Every method throws StoreError. */
export interface StateTable {
  /** Acquires the lease, or says why not. The caller's own lease counts as free. */
  lease(name: string, request: LeaseRequest, options?: CallOptions): Promise<LeaseAnswer>;
  /**
   * Writes down a send before it leaves, in place of the attempt that stands there, under a lease that is held;
   * `false` when the lease was lost.
   */
  openAttempt(name: string, owner: string, opening: AttemptOpening, options?: CallOptions): Promise<boolean>;
  /**
   * Applies a change and releases the lease, on condition of owning it or of having committed the same
   * generation already; `false` when the lease was lost.
   */
  commit(name: string, owner: string, change: StateChange, options?: CallOptions): Promise<boolean>;
  /** Strongly consistent. */
  get(name: string, options?: CallOptions): Promise<ConnectionState | undefined>;
  /** Due at or before `now`, and later than `after` where given; earliest first. */
  due(now: number, options?: CallOptions & { readonly after?: number }): AsyncIterable<DueConnection>;
  /** The first of those who must be looked at soonest, in one call whatever their number; none that is paused. */
  watched(limit: number, options?: CallOptions): Promise<readonly WatchedConnection[]>;
  /**
   * Every registered connection, paused ones too, some milliseconds old. It may miss one that moves meanwhile or come
   * to it twice, and knows none that an earlier version registered until `enrol` or `register` had it.
   */
  registered(options?: CallOptions): AsyncIterable<RegisteredConnection>;
  /** Gives a registered connection its place in that index, and the digest of its definition, where it has none. */
  enrol(name: string, options?: CallOptions): Promise<void>;
  /** Keeps how far a listing of the declarations has come; takes the place of what was kept of another. */
  keepListing(listing: Listing, options?: CallOptions): Promise<void>;
  /** The listing that was kept last; `undefined` where it is not whole. */
  lastListing(options?: CallOptions): Promise<Listing | undefined>;
  /** Keeps what reconciling saw of all connections. */
  noteFleet(fleet: Fleet, options?: CallOptions): Promise<void>;
  fleet(options?: CallOptions): Promise<Fleet | undefined>;
  /** Every registered connection, paused ones too, removed ones not. */
  list(options?: CallOptions): AsyncIterable<ConnectionState>;
  /**
   * Stores the definition; a new connection is due at `dueAt`, a changed definition makes it due then, also
   * when it changes during a refresh, and one that waited for a human is tried again. Revives a removed
   * connection with the state that it had. The same definition changes nothing, but puts in its place one that is
   * not there: see `enrol`. `true` when anything else changed.
   */
  register(name: string, definition: Connection, dueAt: number, options?: CallOptions): Promise<boolean>;
  /**
   * The declaration was not found. The first call only notes it; a call at least a minute later, with no
   * `register` between, marks the connection as removed and takes it out of the index. The state stays.
   * `true` when it is removed now; `false` when only noted, when somebody holds the lease, or when it is
   * not registered.
   */
  unregister(name: string, now: number, options?: UnregisterOptions): Promise<boolean>;
  /**
   * Pauses or resumes. `false` while somebody holds the lease: afterwards nothing is in flight. Resuming forgets
   * what was refused and for what a person was waited for: all of it is tried again at once.
   * @throws StoreError `missing` when the connection is not registered
   */
  setPaused(name: string, paused: boolean, now: number, options?: CallOptions): Promise<boolean>;
  /** The notices of a connection were told: it is due at `dueAfterTold` again, unless others came since. */
  told(name: string, dueAfterTold: number, options?: CallOptions): Promise<void>;
  /**
   * Makes a connection due whose credentials were set: none that were read before are used any more, and a refresh
   * that is under way with such does not keep it from being due. `undefined` where it is not registered.
   */
  wake(name: string, now: number, options?: CallOptions): Promise<ConnectionState | undefined>;
  /**
   * Moves the due instant of a connection that nobody holds; answers with it, `undefined` for one that is held. For
   * what is due sooner thereby `due` tells it, and who is watched only once it has been looked at again.
   */
  postpone(name: string, dueAt: number, options?: CallOptions): Promise<ConnectionState | undefined>;
  cooldowns(keys: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, Cooldown>>;
  setCooldown(key: string, cooldown: Cooldown, options?: CallOptions): Promise<void>;
  clearCooldown(key: string, options?: CallOptions): Promise<void>;
  /**
   * Takes one call out of the budget of a key, over all refreshers; answers with when one is free again where none
   * is, epoch milliseconds.
   */
  takeFromBudget(
    key: string,
    budget: CallBudget,
    now: number,
    options?: CallOptions,
  ): Promise<number | undefined>;
  /** Takes the names that an event asks for out of the budget of the window; `false` when they are too many. */
  admitRequest(names: number, now: number, budget: RequestBudget, options?: CallOptions): Promise<boolean>;
  /** Keeps the last request that was refused. */
  noteRefusedRequest(refused: RefusedRequest, options?: CallOptions): Promise<void>;
  /** The last request by event that was refused. */
  refusedRequest(options?: CallOptions): Promise<RefusedRequest | undefined>;
  /**
   * Takes a secret for the connection that publishes to it, from `from` where that is given; answers with whom it
   * belongs to then.
   */
  claimSecret(
    secret: string,
    name: string,
    options?: CallOptions & { readonly from?: string },
  ): Promise<string>;
  /**
   * Notes that a connection sends its credentials to an origin; answers with when it made them go there for the
   * first time, `undefined` when another connection did.
   */
  noteOrigin(note: OriginNote, options?: CallOptions): Promise<number | undefined>;
  /** The right to run a tick; also renews the caller's own. */
  leaseTick(owner: string, now: number, endsAt: number, options?: TickLeaseOptions): Promise<boolean>;
  /** `worksUntil` of the tick that runs; `undefined` where none runs, or it never said. */
  tickWorksUntil(options?: CallOptions): Promise<number | undefined>;
  /**
   * Keeps what a tick came to that had nothing to do, and so needed no right to do it; answers with what reconciling
   * saw. `undefined`, and nothing is kept, while another tick runs, and where reconciling has not seen to it since
   * `watchedSince` that everyone is watched: then nobody can say that nothing was due.
   */
  noteIdleTick(record: TickRecord, watchedSince: number, options?: CallOptions): Promise<Fleet | undefined>;
  /** Ends that right, and keeps what the tick came to, where it is given; answers its owner with what reconciling saw. */
  releaseTick(owner: string, record?: TickRecord, options?: CallOptions): Promise<Fleet | undefined>;
  /** The last tick that came to its end; one that was killed or failed leaves no record. */
  lastTick(options?: CallOptions): Promise<TickRecord | undefined>;
  /** What a connection came to, the newest first, at most 50. */
  history(name: string, options?: CallOptions): Promise<readonly PastOutcome[]>;
}
