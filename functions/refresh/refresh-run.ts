import type { ResolvedConnection } from '../connections/resolve-connection.ts';
import type { Credentials } from '../oauth/credentials.ts';
import type { Secret } from '../oauth/secret.ts';
import type { Exchange } from '../oauth/token-set.ts';
import type { AttemptLedger } from './attempt-ledger.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Cooldowns } from './cooldowns.ts';
import type { FairLimit } from './fair-limit.ts';
import type { History } from './ports/history.ts';
import type {
  CallOptions,
  Clock,
  Events,
  Log,
  Metrics,
  Presets,
  Random,
  TokenEndpoint,
  WakeUps,
} from './ports/outside.ts';
import type { StateTable } from './ports/state-table.ts';
import type {
  CredentialsStore,
  RefreshTokenStore,
  RefreshTokenVersion,
  RescueStore,
  StoredRefreshToken,
  TokenStore,
  Version,
  WriteTurn,
} from './ports/stores.ts';
import type { Timing } from './rules/timing.ts';

/** What a refresh reads and writes. */
export interface RefreshStores {
  readonly state: StateTable;
  readonly credentials: CredentialsStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly tokens: TokenStore;
  readonly rescues: RescueStore;
}

/** Everything that a refresh reaches outside itself. */
export interface RefreshPorts extends RefreshStores {
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
  readonly presets: Presets;
  readonly tokenEndpoint: TokenEndpoint;
  readonly cooldowns: Cooldowns;
  /** Exchanges that spend something: 8 in flight in one process, and fewer at one origin. */
  readonly spending: FairLimit;
  readonly wakeUps: WakeUps;
  readonly events: Events;
  readonly history: History;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** A lease that is held: whose, on what, until when. */
export interface HeldLease {
  readonly name: string;
  readonly owner: string;
  /** The state as the lease found it. A refresh reads no other copy. */
  readonly state: ConnectionState;
  /** When the lease or the function ends, whichever comes first: epoch milliseconds. */
  readonly endsAt: number;
  /** Aborts every call 5 s before that. */
  readonly signal: AbortSignal;
}

/** One refresh under way: what it may use, and what it has done that the state must keep. */
export interface RefreshRun {
  readonly lease: HeldLease;
  readonly connection: ResolvedConnection;
  readonly ports: RefreshPorts;
  readonly ledger: AttemptLedger;
  /** Somebody asked for a token at or after a certain instant. */
  readonly force: boolean;
  readonly publishTo?: PublishTarget | undefined;
}

/** What one exchange uses. */
export interface Grant {
  readonly type: string;
  readonly credentials: Version<Credentials>;
  /** The refresh token that is sent; absent for a grant that sends none. */
  readonly refreshToken?: RefreshTokenVersion;
  /** Whether the exchange may spend it: then its way back is proved first, and it is sent once. */
  readonly spends: boolean;
  /** Whether a refresh token that the answer brings may take the place of the stored one. */
  readonly mayReplaceRefreshToken: boolean;
}

/** What a proof found out for the write of the successor. */
export interface ProvenWrite {
  /** The turn to make it. */
  readonly turn: WriteTurn;
  /** How many members the ring has from then on. */
  readonly members: number;
}

/** A token that came of an exchange, and what was used for it. */
export interface ExchangedToken {
  readonly exchange: Exchange;
  readonly grantType: string;
  /** The refresh token that was sent. */
  readonly sent?: Version<StoredRefreshToken> | undefined;
  readonly mayReplaceRefreshToken: boolean;
}

/** How a rotation wants the new token published. An ordinary refresh publishes under its attempt's id. */
export interface PublishTarget {
  readonly versionId: string;
  readonly stages: readonly string[];
  /**
   * Judges the access token before anybody can read it. By then the refresh token is safe, so that a token
   * which is refused here costs nothing but another exchange. @throws RefreshFailed
   */
  readonly verify?: (accessToken: Secret, options: CallOptions) => Promise<void>;
}
