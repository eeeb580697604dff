import type { CallOptions } from './ports.ts';

export type EventDetailType =
  | 'Token Refreshed'
  | 'Refresh Failed'
  | 'Connection Needs Attention'
  | 'Connection Recovered'
  | 'Refresh Token Expiring';

export interface RefreshEvent {
  readonly detailType: EventDetailType;
  readonly connection: string;
  readonly outcome: string;
  readonly health: string;
  readonly code: string | null;
  /** ISO 8601. */
  readonly expiresAt: string | null;
}

/** Collects events; `flush` sends them. Telling never fails a refresh. */
export interface Events {
  add(event: RefreshEvent): void;
  flush(options?: CallOptions): Promise<void>;
}

/** Counts for operators. */
export interface Metrics {
  count(
    name: 'TokensRefreshed' | 'RefreshesFailed' | 'RefreshesLate' | 'RescuesWritten',
    value?: number,
  ): void;
  gauge(name: 'ConnectionsDue' | 'ConnectionsNeedingAttention' | 'SoonestExpirySeconds', value: number): void;
}

/** What a person would want to know of a run. Never given a secret. */
export interface Log {
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}
