import type { Connection } from '../../connections/connection.ts';
import { REFRESH_TOKEN } from '../../oauth/grant-type.ts';

/** Of the pace of secret writes first tokens take so much: the rest is for whoever has a token and needs the next. */
const SHARE = 0.35;
/** What the whole pace bears in so much time is due at once: a few need not wait for each other. */
const AT_ONCE_MS = 60_000;
/** Writes of a first refresh: what has a refresh token may prove and store it besides. */
const WRITES = { withRefreshToken: 3, others: 1 };

/**
 * When connections that are registered together are due for the first time. Were all of them due at once, the longest
 * due would go first, and whoever has a token and must replace it would stand behind all who never had one.
 */
export class FirstDue {
  readonly #now: number;
  readonly #writesPerSecond: number;
  #writes = 0;

  /** @param now epoch milliseconds @param writesPerSecond the pace of one process */
  constructor({ now, writesPerSecond }: { readonly now: number; readonly writesPerSecond: number }) {
    this.#now = now;
    this.#writesPerSecond = writesPerSecond;
  }

  /** Of the next one that is registered, epoch milliseconds. */
  next({ grants = [REFRESH_TOKEN] }: Pick<Connection, 'grants'>): number {
    const aheadMs = (this.#writes / this.#writesPerSecond) * 1000;
    this.#writes += grants.includes(REFRESH_TOKEN) ? WRITES.withRefreshToken : WRITES.others;
    return Math.ceil(this.#now + Math.max(0, aheadMs - AT_ONCE_MS) / SHARE);
  }
}
