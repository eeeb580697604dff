import type { ConnectionState, StateChange } from './connection-state.ts';
import type { Timing } from './rules/timing.ts';
import { countWrite, mayWrite, nextWriteAt, type WritesByHour, writesOfTheDay } from './rules/write-quota.ts';

/** By member of the ring, the first one excepted, which is counted as the one secret that there usually is. */
type WritesByMember = Readonly<Record<string, WritesByHour>>;

/**
 * The versions that refreshes have made of a connection's secrets, by hour. A write that was tried counts,
 * whatever became of it: it may have made a version.
 */
export class VersionAccount {
  readonly #timing: Timing;
  #first: WritesByHour;
  #further: WritesByMember;
  #tokens: WritesByHour;
  readonly #change: {
    writesByHour?: WritesByHour;
    ringWritesByHour?: WritesByMember;
    tokenWritesByHour?: WritesByHour;
  } = {};

  constructor(state: ConnectionState, timing: Timing) {
    const { writesByHour, ringWritesByHour = {}, tokenWritesByHour = {} } = state;
    this.#timing = timing;
    this.#first = writesByHour;
    this.#further = ringWritesByHour;
    this.#tokens = tokenWritesByHour;
  }

  /** A write of a member of the refresh token's ring was tried at `at`, epoch milliseconds. */
  wrote(at: number, member = 0): void {
    this.#count(member, countWrite(this.#of(member), at, this.#timing));
  }

  /** The versions of a member were counted anew: these were made at those instants, epoch milliseconds. */
  recounted(member: number, madeAt: readonly number[]): void {
    const none: WritesByHour = {};
    this.#count(
      member,
      madeAt.reduce((counted, at) => countWrite(counted, at, this.#timing), none),
    );
  }

  /** The same of the token's secret. */
  wroteToken(at: number): void {
    this.#tokens = countWrite(this.#tokens, at, this.#timing);
    this.#change.tokenWritesByHour = this.#tokens;
  }

  /** How many members of the ring were ever written, as far as the state knows. */
  get members(): number {
    return 1 + Math.max(0, ...Object.keys(this.#further).map(Number));
  }

  /** Versions of a member that were made in the day before `now`, epoch milliseconds. */
  writesOf(member: number, now: number): number {
    return writesOfTheDay(this.#of(member), now, this.#timing);
  }

  /** Whether Secrets Manager takes one more version of a member of the refresh token's ring. */
  mayWrite(now: number, member = 0): boolean {
    return mayWrite(this.#of(member), now, this.#timing);
  }

  /** Whether it takes one more of the token's secret. */
  mayPublish(now: number): boolean {
    return mayWrite(this.#tokens, now, this.#timing);
  }

  /** When it takes one more of both. */
  nextWriteAt(now: number, member = 0): number {
    const next = (writes: WritesByHour) => nextWriteAt(writes, now, this.#timing);
    return Math.max(next(this.#of(member)), next(this.#tokens));
  }

  /** The counts that this refresh changed. */
  toChange(): StateChange {
    return this.#change;
  }

  #count(member: number, counted: WritesByHour): void {
    if (member === 0) {
      this.#first = counted;
      this.#change.writesByHour = counted;
    } else {
      this.#further = { ...this.#further, [member]: counted };
      this.#change.ringWritesByHour = this.#further;
    }
  }

  #of(member: number): WritesByHour {
    return member === 0 ? this.#first : (this.#further[member] ?? {});
  }
}
