import type { ResolvedConnection } from '../connections/resolve-connection.ts';
import type { Clock, Random } from './clock.ts';
import type { Cooldowns } from './cooldowns.ts';
import type { LeaseHold } from './lease-hold.ts';
import type {
  CredentialsStore,
  Presets,
  RefreshTokenStore,
  RescueStore,
  StateTable,
  TokenEndpoint,
  TokenStore,
} from './ports.ts';
import type { Publication } from './publication.ts';
import type { Events, Log, Metrics } from './telling.ts';
import type { Timing } from './timing.ts';

/** Everything that a refresh reaches outside itself. */
export interface RefreshPorts {
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
  readonly state: StateTable;
  readonly credentials: CredentialsStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly tokens: TokenStore;
  readonly rescues: RescueStore;
  readonly presets: Presets;
  readonly tokenEndpoint: TokenEndpoint;
  readonly cooldowns: Cooldowns;
  /** Runs `work` when fewer than 8 exchanges that spend something are in flight in this process. */
  readonly spending: <T>(work: () => Promise<T>) => Promise<T>;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** One refresh under way: what it may use, and what it has learned that the state must keep. */
export interface RefreshRun {
  readonly hold: LeaseHold;
  readonly connection: ResolvedConnection;
  readonly ports: RefreshPorts;
  readonly learned: Learned;
  readonly publishAs?: Publication | undefined;
}

/** What a refresh has learned so far. It is committed whether the refresh succeeds or fails. */
export interface Learned {
  /** The attempt that the exchange of this refresh goes by. */
  attempt: string;
  /** The attempt is not settled: it must stay in the state. */
  attemptOpen: boolean;
  /** The grant type tried last. */
  grantType?: string;
  credentialsVersionId?: string | undefined;
  refreshTokenVersionId?: string | undefined;
  refusedRefreshTokenVersionId?: string | undefined;
  writesByHour?: Readonly<Record<string, number>>;
}
