import type { ProviderPreset } from '../../connections/provider-preset.ts';
import type { TokenRequestInput } from '../../oauth/request/token-request.ts';
import type { Exchange } from '../../oauth/token-set.ts';
import type { NeedReport } from '../connection-state.ts';

/** The instant, in epoch milliseconds, and waiting. A test brings its own. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  uuid(): string;
}

export type EventDetailType =
  | 'Token Refreshed'
  | 'Refresh Failed'
  | 'Connection Needs Attention'
  | 'Connection Recovered'
  | 'Refresh Token Expiring'
  | 'Refresh Token Displaced'
  | 'Token Moved'
  | 'Credentials Sent To New Origin';

/** What a person must hear even if the process that would tell is killed: told first, and kept until it was told. */
export const NOTICES: ReadonlySet<EventDetailType> = new Set([
  'Connection Needs Attention',
  'Connection Recovered',
  'Refresh Token Expiring',
  'Credentials Sent To New Origin',
]);

export interface RefreshEvent {
  readonly detailType: EventDetailType;
  readonly connection: string;
  readonly outcome: string;
  readonly health: string;
  readonly code: string | null;
  /** ISO 8601. */
  readonly expiresAt: string | null;
  /** Why a person is needed, where the event says that one is. */
  readonly need?: NeedReport;
  /** Which credentials go where, where the event is about that. */
  readonly credentials?: string;
  readonly origin?: string;
}

export interface FlushOptions {
  /** When the process may be stopped, epoch milliseconds. Default: not foreseen. */
  readonly endsAt?: number;
}

/** Sends events, the notices first. Telling never fails a refresh. */
export interface Events {
  /**
   * @param confirm called once all events that were added with it were taken, for notices that are kept until then;
   * what it throws is of no consequence
   */
  add(event: RefreshEvent, confirm?: () => Promise<void>): void;
  /** Sends what is left. What cannot be sent in time is sent with what is added later. Never rejects. */
  flush(options?: FlushOptions): Promise<void>;
}

/** Wakes connections that the tick is too coarse for. */
export interface WakeUps {
  /** Does nothing where that is too far away, or nothing is deployed for it. @throws StoreError */
  at(connection: string, dueAt: number, options?: CallOptions): Promise<void>;
}

/** What is counted. */
export type Count =
  | 'TicksEnded'
  | 'TokensRefreshed'
  | 'RefreshesFailed'
  | 'RefreshesRetried'
  | 'RefreshesAwaitingCredentials'
  | 'RefreshesMisconfigured'
  | 'RefreshesNeedingReauthorization'
  | 'RefreshesLate'
  | 'RescuesWritten'
  | 'RequestsRefused'
  | 'SecretWrites'
  | 'SecretThrottles'
  | 'ParameterWrites'
  | 'ParameterThrottles'
  | 'EventsDropped';

/** What is measured, in the unit that the name ends in; connections, tokens and writes by number. */
export type Gauge =
  | 'ConnectionsDue'
  | 'OldestDueSeconds'
  | 'ConnectionsHealthy'
  | 'ConnectionsNew'
  | 'ConnectionsRetrying'
  | 'ConnectionsFailing'
  | 'ConnectionsAwaitingCredentials'
  | 'ConnectionsMisconfigured'
  | 'ConnectionsNeedingReauthorization'
  | 'ConnectionsPaused'
  | 'ConnectionsNeedingAttention'
  | 'TokensEndangered'
  | 'SoonestExpirySeconds'
  | 'RefreshTokensEnding'
  | 'RefreshLatenessSeconds'
  | 'ExchangeMilliseconds'
  | 'WritesLeft';

/** Figures for operators. */
export interface Metrics {
  count(name: Count, value?: number): void;
  /** Of several values of one name each counts, so that percentiles can be told. */
  gauge(name: Gauge, value: number): void;
}

/** What a person would want to know of a run. Never given a secret. */
export interface Log {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Presets by id; `undefined` when there is none. */
export type Presets = (id: string) => Promise<ProviderPreset | undefined>;

/** One request to the token endpoint, never blindly repeated. */
export interface TokenEndpoint {
  /** @throws TokenError */
  exchange(request: TokenRequestInput, options?: CallOptions): Promise<Exchange>;
  /**
   * The token endpoint that an issuer's metadata names (RFC 8414), `mutualTls` the one for certificates (RFC 8705).
   * @throws TokenError
   */
  discover(issuer: string, options?: CallOptions & { readonly mutualTls?: boolean }): Promise<string>;
}
