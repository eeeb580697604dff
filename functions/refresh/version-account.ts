import type { ConnectionState, StateChange } from './connection-state.ts';
import type { Timing } from './rules/timing.ts';
import { countWrite, mayWrite, nextWriteAt, type WritesByHour } from './rules/write-quota.ts';

/**
 * The versions that refreshes have made of a connection's two secrets, by hour. A write that was tried counts,
 * whatever became of it: it may have made a version.
 */
export class VersionAccount {
  readonly #timing: Timing;
  #refreshTokens: WritesByHour;
  #tokens: WritesByHour;
  readonly #change: { writesByHour?: WritesByHour; tokenWritesByHour?: WritesByHour } = {};

  constructor({ writesByHour, tokenWritesByHour = {} }: ConnectionState, timing: Timing) {
    this.#timing = timing;
    this.#refreshTokens = writesByHour;
    this.#tokens = tokenWritesByHour;
  }

  /** A write of the refresh token's secret was tried at `at`, epoch milliseconds. */
  wrote(at: number): void {
    this.#refreshTokens = countWrite(this.#refreshTokens, at, this.#timing);
    this.#change.writesByHour = this.#refreshTokens;
  }

  /** The same of the token's secret. */
  wroteToken(at: number): void {
    this.#tokens = countWrite(this.#tokens, at, this.#timing);
    this.#change.tokenWritesByHour = this.#tokens;
  }

  /** Whether Secrets Manager takes one more version of the refresh token's secret. `now` in epoch milliseconds. */
  mayWrite(now: number): boolean {
    return mayWrite(this.#refreshTokens, now, this.#timing);
  }

  /** Whether it takes one more of the token's secret. */
  mayPublish(now: number): boolean {
    return mayWrite(this.#tokens, now, this.#timing);
  }

  /** When it takes one more of both. */
  nextWriteAt(now: number): number {
    const next = (writes: WritesByHour) => nextWriteAt(writes, now, this.#timing);
    return Math.max(next(this.#refreshTokens), next(this.#tokens));
  }

  /** The counts that this refresh changed. */
  toChange(): StateChange {
    return this.#change;
  }
}
