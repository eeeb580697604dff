import type { Exchange } from '../oauth/exchange.ts';
import type { StoredRefreshToken, Version } from './ports.ts';

/** An answer of the token endpoint, and where it came from. */
export interface Obtained {
  readonly exchange: Exchange;
  readonly grantType: string;
  /** The refresh token that was spent. */
  readonly spent?: Version<StoredRefreshToken>;
}

/** Stores what an answer brought, before another exchange may spend something. Never throws. */
export type Keep = (obtained: Obtained) => Promise<void>;
