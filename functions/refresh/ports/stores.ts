import type { Connection, SecretReference } from '../../connections/connection.ts';
import type { ResolvedConnection } from '../../connections/resolve-connection.ts';
import type { Credentials } from '../../oauth/credentials.ts';
import type { Secret } from '../../oauth/secret.ts';
import type { TokenSet } from '../../oauth/token-set.ts';

import type { CallOptions } from './outside.ts';

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
  /** How many secrets a younger one may lie in, this one included. Absent: in this one alone. */
  readonly ring?: number;
  /** Further fields of the secret, preserved. */
  readonly unknown?: Readonly<Record<string, unknown>>;
}

export interface ReadCredentialsOptions extends CallOptions {
  /** Reads the secret although a younger copy is held in memory. Default false. */
  readonly fresh?: boolean;
  /** The version that was used last, whoever read it: a copy of that serves for longer. */
  readonly known?: string | undefined;
  /** When somebody set them, epoch milliseconds: a copy that was read before is none. */
  readonly setAt?: number | undefined;
}

/** Reads what an operator holds. */
export interface CredentialsStore {
  /**
   * May be some minutes old unless `fresh`, and some hours while nobody is known to have used another version.
   * `undefined` when the secret exists without a value, or does not
   * exist. @throws StoreError
   */
  read(
    ref: string | SecretReference,
    options?: ReadCredentialsOptions,
  ): Promise<Version<Credentials> | undefined>;
  /** VersionId of AWSCURRENT without reading the value; `undefined` as for `read`. @throws StoreError */
  currentVersionId(ref: string | SecretReference, options?: CallOptions): Promise<string | undefined>;
}

/** The right to make writes now. */
export interface WriteTurn {
  /** Epoch milliseconds. */
  readonly takenAt: number;
}

export interface WriteOptions extends CallOptions {
  /** A turn that was had before: the write does not wait for one. */
  readonly turn?: WriteTurn | undefined;
}

export interface ProveOptions extends WriteOptions {
  /** The id that the successor will have. Default: it goes where the version lies. */
  readonly successor?: string;
}

/** A stored refresh token, and where its successor may go. */
export interface RefreshTokenVersion extends Version<StoredRefreshToken> {
  /** Members of the ring that it may be stored in. Absent: there is one secret. */
  readonly writable?: readonly number[];
}

export interface ReadRefreshTokenOptions extends CallOptions {
  /** A version that is known to be there: the ring is as large at least as its member asks for. */
  readonly known?: string | undefined;
}

/**
 * Reads and writes `refresh-tokens/<name>`: one secret, or where it is written more often than one bears, a ring of
 * them, of which AWSCURRENT is what was written last, and AWSPREVIOUS what was before that. See `rules/ring.ts`.
 */
export interface RefreshTokenStore {
  /** The named version, else AWSCURRENT; `undefined` when there is none. @throws StoreError */
  read(
    name: string,
    which: { versionId?: string; stage?: 'AWSCURRENT' | 'AWSPREVIOUS' },
    options?: ReadRefreshTokenOptions,
  ): Promise<RefreshTokenVersion | undefined>;
  currentVersionId(name: string, options?: ReadRefreshTokenOptions): Promise<string | undefined>;
  /**
   * Writes with `versionId` as ClientRequestToken, into the member that it names: the same id with the same content
   * writes nothing. Answers with the staging labels of that version in its secret. @throws StoreError
   */
  put(
    name: string,
    token: StoredRefreshToken,
    versionId: string,
    options?: WriteOptions,
  ): Promise<readonly string[]>;
  /** Waits until so many writes may be made without exceeding the pace. */
  turn(writes: number, options?: CallOptions): Promise<WriteTurn>;
  /**
   * Proves that the successor of a version that `read` gave can be stored: repeats what is current in the secret
   * that it goes to, byte for byte, with its own id as ClientRequestToken. Creates nothing, and needs the permission
   * and the key that `put` needs. Answers with the staging labels of the version. @throws StoreError as `put` would
   */
  prove(name: string, version: RefreshTokenVersion, options?: ProveOptions): Promise<readonly string[]>;
  /** When the versions of a member were made that are kept, epoch milliseconds, the youngest hundred. @throws StoreError */
  madeAt(name: string, member: number, options?: CallOptions): Promise<readonly number[]>;
  /** Makes the secret of a further member, under the key of the first; nothing where there is one. @throws StoreError */
  extend(name: string, member: number, options?: CallOptions): Promise<void>;
}

/** What consumers read. */
export interface PublishedToken {
  readonly token: TokenSet & { readonly access_token: Secret };
  /** Epoch seconds. */
  readonly expires_at: number;
  /** Epoch seconds. */
  readonly obtained_at: number;
}

/** Where a token is published: in its secret, or in a parameter that its secret points to. */
export type TokenPlace = 'secret' | 'parameter';

export interface PublishOptions extends CallOptions {
  /** Staging labels for the new version. Default AWSCURRENT alone; a rotation adds AWSPENDING. */
  readonly stages?: readonly string[];
  /** Default `secret`. */
  readonly place?: TokenPlace;
  /** The last token went to the other place: readers are led to this one. Default false. */
  readonly isMove?: boolean;
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
  /**
   * Proves that a token could be published, without reading or replacing one. `versionId`: of the token that
   * was published last. @throws StoreError as `publish` would
   */
  prove(
    connection: ResolvedConnection,
    versionId: string,
    options?: Pick<PublishOptions, 'place' | 'signal'>,
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
  /** Whether there may be a rescue of this name. Known without a call for some minutes; never throws. */
  mayExist(name: string, options?: CallOptions): Promise<boolean>;
  put(name: string, rescued: RescuedRefreshToken, options?: CallOptions): Promise<void>;
  get(name: string, options?: CallOptions): Promise<RescuedRefreshToken | undefined>;
  delete(name: string, options?: CallOptions): Promise<void>;
}

/** One that cannot be read comes as its error. */
export interface DeclaredConnection {
  readonly name: string;
  readonly definition: Connection | StoreError;
}

/** A part of a listing. */
export interface DeclaredPage {
  readonly connections: readonly DeclaredConnection[];
  /** Leads to the next; absent on the last. */
  readonly next?: string;
}

/** `connections/<name>` in Parameter Store. Every method throws StoreError. */
export interface DeclaredConnections {
  /** `undefined` when the parameter does not exist. @throws StoreError `malformed` with the path in it */
  get(name: string, options?: CallOptions): Promise<Connection | undefined>;
  /** Every declared connection. */
  list(options?: CallOptions): AsyncIterable<DeclaredConnection>;
  /** The first page, or the one that `after` leads to, in one call; `undefined` where that leads nowhere any more. */
  page(after?: string, options?: CallOptions): Promise<DeclaredPage | undefined>;
}

/** Why an AWS call failed, as far as a refresh needs to know. */
export type StoreErrorKind =
  /** This caller is not allowed: a person must change something. */
  | 'denied'
  /** Nobody can use it until a person acts: the secret is marked for deletion, its key is disabled or gone. */
  | 'unusable'
  /** The secret, parameter or table is not there. */
  | 'missing'
  /** Throttled, time-out, 5xx: the call may or may not have taken effect. */
  | 'transient'
  /** ClientRequestToken used before with other content. */
  | 'conflict'
  /** Too many versions, too large. */
  | 'limit'
  /** The stored value is not what it should be: no JSON, missing fields, a newer schema. */
  | 'malformed';

/** A failed call to a store. Message and code are safe to log. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;
  /** AWS's error name, e.g. `AccessDeniedException`, or ours. */
  readonly code: string;

  constructor(kind: StoreErrorKind, code: string, message: string) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}

/** Whether a secret has as many versions as it may. */
export function isFull(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'LimitExceededException';
}

/** What a rotation does to a token's secret beside publishing: it looks, and it takes AWSPENDING away. */
export interface RotationSecrets {
  /** Staging labels by VersionId, of the versions that have any. @throws StoreError */
  stages(secretId: string, options?: CallOptions): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * The access token of one version, by default of AWSCURRENT; `undefined` for a version without a value.
   * @throws StoreError
   */
  accessToken(secretId: string, versionId?: string, options?: CallOptions): Promise<Secret | undefined>;
  /** @throws StoreError */
  removePending(secretId: string, versionId: string, options?: CallOptions): Promise<void>;
}
