import type { Connection, SecretReference } from '../connections/connection.ts';
import type { ProviderPreset } from '../connections/provider-preset.ts';
import type { ResolvedConnection } from '../connections/resolve-connection.ts';
import type { Credentials } from '../oauth/credentials.ts';
import type { Exchange, TokenRequestInput } from '../oauth/exchange.ts';
import type { Secret } from '../oauth/secret.ts';
import type { TokenSet } from '../oauth/token-set.ts';
import type { ConnectionState, StateChange } from './connection-state.ts';
import type { StoreError } from './store-error.ts';

/** One version of a secret's value. */
export interface Version<Value> {
  readonly value: Value;
  readonly versionId: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Staging labels on this version when it was read. */
  readonly stages: readonly string[];
}

/** The refresh token as stored: the payload of its secret. */
export interface StoredRefreshToken {
  readonly refresh_token: Secret;
  /** Epoch seconds. */
  readonly obtained_at: number;
  /** Epoch seconds, where known. */
  readonly expires_at?: number;
  /** The attempt that obtained it; absent when a person stored it. */
  readonly attempt?: string;
  /** VersionId of the refresh token that was spent for it. */
  readonly replaces?: string;
  /** Further fields of the secret, preserved. */
  readonly unknown?: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface ReadCredentialsOptions extends CallOptions {
  /** Reads the secret although a younger copy is held in memory. Default false. */
  readonly fresh?: boolean;
}

/** Reads what an operator holds. */
export interface CredentialsStore {
  /**
   * May be some minutes old unless `fresh`. `undefined` when the secret exists without a value, or does not
   * exist. @throws StoreError
   */
  read(
    ref: string | SecretReference,
    options?: ReadCredentialsOptions,
  ): Promise<Version<Credentials> | undefined>;
  /** VersionId of AWSCURRENT without reading the value; `undefined` as for `read`. @throws StoreError */
  currentVersionId(ref: string | SecretReference, options?: CallOptions): Promise<string | undefined>;
}

/** Reads and writes `refresh-tokens/<name>`. */
export interface RefreshTokenStore {
  /** The named version, else AWSCURRENT; `undefined` when there is none. @throws StoreError */
  read(
    name: string,
    which: { versionId?: string; stage?: 'AWSCURRENT' | 'AWSPREVIOUS' },
    options?: CallOptions,
  ): Promise<Version<StoredRefreshToken> | undefined>;
  currentVersionId(name: string, options?: CallOptions): Promise<string | undefined>;
  /**
   * Writes with `versionId` as ClientRequestToken: the same id with the same content writes nothing.
   * Answers with the staging labels of that version. @throws StoreError
   */
  put(
    name: string,
    token: StoredRefreshToken,
    versionId: string,
    options?: CallOptions,
  ): Promise<readonly string[]>;
  /**
   * Proves that a write would succeed: repeats a version that `read` gave, byte for byte, with its own id as
   * ClientRequestToken. Creates nothing, and needs the permission and the key that `put` needs. Answers
   * with the staging labels of that version. @throws StoreError as `put` would
   */
  prove(
    name: string,
    version: Version<StoredRefreshToken>,
    options?: CallOptions,
  ): Promise<readonly string[]>;
}

/** What consumers read. */
export interface PublishedToken {
  readonly token: TokenSet;
  /** Epoch seconds. */
  readonly expires_at: number;
  /** Epoch seconds. */
  readonly obtained_at: number;
}

export interface PublishOptions extends CallOptions {
  /** Staging labels for the new version. Default AWSCURRENT alone; a rotation adds AWSPENDING. */
  readonly stages?: readonly string[];
}

/** Writes `tokens/<name>`, or the connection's own secret. */
export interface TokenStore {
  /** Writes with `versionId` as ClientRequestToken. @throws StoreError */
  publish(
    connection: ResolvedConnection,
    token: PublishedToken,
    versionId: string,
    options?: PublishOptions,
  ): Promise<void>;
}

/** A refresh token that could not be persisted. */
export interface RescuedRefreshToken {
  readonly token: StoredRefreshToken;
  /** The attempt that obtained it. */
  readonly attempt: string;
  /** VersionId of the refresh token that was spent for it; absent when none was. */
  readonly replaces?: string;
}

/** `rescue/<name>` in Parameter Store. */
export interface RescueStore {
  put(name: string, rescued: RescuedRefreshToken, options?: CallOptions): Promise<void>;
  get(name: string, options?: CallOptions): Promise<RescuedRefreshToken | undefined>;
  delete(name: string, options?: CallOptions): Promise<void>;
}

export interface LeaseRequest {
  readonly owner: string;
  readonly now: number;
  readonly endsAt: number;
  /** Id of the exchange that may follow; kept only when no attempt is open. */
  readonly attempt: string;
  /** Acquire although the connection is not due. */
  readonly force: boolean;
}

/** A new attempt, and what was learned of the one before it. */
export interface AttemptOpening {
  readonly attempt: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The version in which the earlier attempt's refresh token was found; absent when it was not. */
  readonly refreshTokenVersionId?: string | undefined;
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

export interface UnregisterOptions extends CallOptions {
  /** A person asked for it: one call removes. Default false. */
  readonly confirmed?: boolean;
}

/** The state table. All instants are epoch milliseconds. Every method throws StoreError. */
export interface StateTable {
  /** Acquires the lease, or says why not. The caller's own lease counts as free. */
  lease(name: string, request: LeaseRequest, options?: CallOptions): Promise<LeaseAnswer>;
  /** Opens a new attempt in place of one that is settled, under a lease that is held; `false` when the lease was lost. */
  openAttempt(name: string, owner: string, opening: AttemptOpening, options?: CallOptions): Promise<boolean>;
  /**
   * Applies a change and releases the lease, on condition of owning it or of having committed the same
   * generation already; `false` when the lease was lost.
   */
  commit(name: string, owner: string, change: StateChange, options?: CallOptions): Promise<boolean>;
  /** Strongly consistent. */
  get(name: string, options?: CallOptions): Promise<ConnectionState | undefined>;
  /** Due at or before `now`, earliest first. */
  due(now: number, options?: CallOptions): AsyncIterable<DueConnection>;
  /** Every registered connection, paused ones too, removed ones not. */
  list(options?: CallOptions): AsyncIterable<ConnectionState>;
  /**
   * Stores the definition; a new connection is due at `dueAt`, a changed definition makes it due then, also
   * when it changes during a refresh, and one that waited for a human is tried again. Revives a removed
   * connection with the state that it had. `true` when anything changed.
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
   * Pauses or resumes. `false` while somebody holds the lease: afterwards nothing is in flight.
   * @throws StoreError `missing` when the connection is not registered
   */
  setPaused(name: string, paused: boolean, now: number, options?: CallOptions): Promise<boolean>;
  /** Moves the due instant of a connection that nobody holds; does nothing to one that is held. */
  postpone(name: string, dueAt: number, options?: CallOptions): Promise<void>;
  cooldowns(keys: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, Cooldown>>;
  setCooldown(key: string, cooldown: Cooldown, options?: CallOptions): Promise<void>;
  clearCooldown(key: string, options?: CallOptions): Promise<void>;
  /** The right to run a tick; also renews the caller's own. */
  leaseTick(owner: string, now: number, endsAt: number, options?: CallOptions): Promise<boolean>;
  releaseTick(owner: string, options?: CallOptions): Promise<void>;
}

/** `connections/<name>` in Parameter Store. */
export interface DeclaredConnections {
  /** `undefined` when the parameter does not exist. @throws StoreError `malformed` with the path in it */
  get(name: string, options?: CallOptions): Promise<Connection | undefined>;
  /** Every declared connection; one that cannot be read comes as its error. */
  list(
    options?: CallOptions,
  ): AsyncIterable<{ readonly name: string; readonly definition: Connection | StoreError }>;
}

/** Presets by id; `undefined` when there is none. */
export type Presets = (id: string) => Promise<ProviderPreset | undefined>;

/** One request to the token endpoint, never blindly repeated. */
export interface TokenEndpoint {
  /** @throws TokenError */
  exchange(request: TokenRequestInput, options?: CallOptions): Promise<Exchange>;
  /** The token endpoint that an issuer's metadata names (RFC 8414). @throws TokenError */
  discover(issuer: string, options?: CallOptions): Promise<string>;
}
