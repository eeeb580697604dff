import type { ConnectionState, StateChange } from './connection-state.ts';
import type { Timing } from './rules/timing.ts';
import { countWrite, mayWrite, nextWriteAt } from './rules/write-quota.ts';

/** How far the exchange of one refresh has come. All but `ready` and `closed` leave its attempt open. */
type Phase =
  /** An earlier refresh left its attempt open; nothing may be sent before that is settled. */
  | 'inherited'
  /** The attempt stands in the state, and nothing of its exchange is in flight. */
  | 'ready'
  /** A refresh token was sent, or is about to be: it may have been spent. */
  | 'sent'
  /** An answer is in hand that may hold the only copy of a refresh token. */
  | 'in-hand'
  /** What the answer brought is stored, or it brought nothing to store. */
  | 'closed';

type Changed = {
  -readonly [Key in
    | 'credentialsVersionId'
    | 'refreshTokenVersionId'
    | 'refusedRefreshTokenVersionId'
    | 'writesByHour']?: StateChange[Key];
};

/**
 * What a refresh has done so far with the refresh token of its connection, and the change of state that
 * follows from it. The only writer of `attempt`, `attemptAt` and the version ids in a state. Two things hold
 * whatever is called in whatever order:
 *
 * - nothing that may spend a refresh token is sent before its attempt stands in the state;
 * - an attempt stays in the state from the sending until the provider refused for sure, or what it answered
 *   is stored in its secret. A rescue does not count: the attempt is what leads back to it.
 */
export class AttemptLedger {
  readonly #state: ConnectionState;
  readonly #timing: Timing;
  #attempt: string;
  #phase: Phase;
  #grantType: string | undefined;
  #isRescued = false;
  #change: Changed = {};

  /** @param attempt the id that the lease offered; the state holds it unless an earlier attempt was open */
  constructor(state: ConnectionState, attempt: string, timing: Timing) {
    this.#state = state;
    this.#timing = timing;
    this.#attempt = attempt;
    this.#phase = state.attempt === attempt ? 'ready' : 'inherited';
  }

  /** The id that the exchange of this refresh goes by: its refresh token's version, and its token's. */
  get attempt(): string {
    return this.#attempt;
  }

  /** Whether the commit leaves an attempt open. */
  get isOpen(): boolean {
    return this.#phase !== 'ready' && this.#phase !== 'closed';
  }

  /** The attempt that an earlier refresh left open, until it is settled; `undefined` when there is none. */
  get inherited(): { readonly attempt: string; readonly attemptAt: number } | undefined {
    const { attempt, attemptAt = 0 } = this.#state;
    return this.#phase === 'inherited' && attempt !== undefined ? { attempt, attemptAt } : undefined;
  }

  /** The version of the refresh token that counts, as far as is known. */
  get refreshTokenVersionId(): string | undefined {
    return this.#change.refreshTokenVersionId ?? this.#state.refreshTokenVersionId;
  }

  /** The grant that is tried, or was tried last. */
  get grantType(): string | undefined {
    return this.#grantType;
  }

  /** What was to be persisted lies in the rescue. */
  get isRescued(): boolean {
    return this.#isRescued;
  }

  /** The earlier attempt's refresh token was found in this version: its write succeeded at `at`. */
  recovered(versionId: string, at: number): void {
    if (this.#state.refreshTokenVersionId === versionId) return;
    this.#change.refreshTokenVersionId = versionId;
    this.wrote(at);
  }

  /** The earlier attempt is settled, and one of this refresh's own stands in the state in its place. */
  opened(attempt: string): void {
    if (this.#phase !== 'inherited') throw new Error('an attempt is opened once, in place of an earlier one');
    this.#attempt = attempt;
    this.#phase = 'ready';
  }

  /** The connection spends nothing any more that an earlier attempt could have lost. */
  forgone(): void {
    if (this.#phase === 'inherited') this.#phase = 'closed';
  }

  trying(grantType: string): void {
    this.#grantType = grantType;
  }

  /** Which credentials are used; `undefined` while they have no value. */
  usesCredentials(versionId: string | undefined): void {
    this.#change.credentialsVersionId = versionId ?? null;
  }

  /** Which version of the refresh token counts. */
  usesRefreshToken(versionId: string): void {
    this.#change.refreshTokenVersionId = versionId;
  }

  /** A refresh token that the exchange may spend leaves now. */
  sending(): void {
    if (this.#phase !== 'ready' && this.#phase !== 'sent') {
      throw new Error(`a refresh token may not be sent: the attempt is ${this.#phase}`);
    }
    this.#phase = 'sent';
  }

  /** The exchange came to an end that spent nothing: an answer in which nothing was issued, or never sent. */
  spentNothing(): void {
    if (this.#phase === 'sent') this.#phase = 'ready';
  }

  /** The provider refused this version for sure. */
  refused(versionId: string): void {
    this.spentNothing();
    this.#change.refusedRefreshTokenVersionId = versionId;
  }

  /** An answer brought a refresh token, which nobody else has. */
  inHand(): void {
    this.#phase = 'in-hand';
  }

  /** A write of the refresh token's secret was tried at `at`: whatever became of it, it may have made a version. */
  wrote(at: number): void {
    const writes = this.#change.writesByHour ?? this.#state.writesByHour;
    this.#change.writesByHour = countWrite(writes, at, this.#timing);
  }

  /** The refresh token of this attempt is stored, under the attempt's id. */
  persisted(): void {
    this.#phase = 'closed';
    this.#change.refreshTokenVersionId = this.#attempt;
  }

  /** It lies in the rescue; the attempt leads back to it. */
  rescued(): void {
    this.#isRescued = true;
  }

  /** The answer brought no refresh token to store. */
  broughtNothing(): void {
    this.#phase = 'closed';
  }

  /** The refresh token of a grant that can be repeated is stored: what was refused before it is history. */
  minted(): void {
    this.#change.refreshTokenVersionId = this.#attempt;
    this.#change.refusedRefreshTokenVersionId = null;
  }

  /** A person's refresh token took the place of all that was before it. */
  replaced(versionId: string): void {
    this.#phase = 'closed';
    this.#change.refreshTokenVersionId = versionId;
    this.#change.refusedRefreshTokenVersionId = null;
  }

  /** Whether Secrets Manager takes one more version of the refresh token's secret. `now` in epoch milliseconds. */
  mayWrite(now: number): boolean {
    return mayWrite(this.#writes, now, this.#timing);
  }

  /** When it will. */
  nextWriteAt(now: number): number {
    return nextWriteAt(this.#writes, now, this.#timing);
  }

  /** What of all this the state must keep, whether the refresh succeeds or fails. */
  toChange(): StateChange {
    return { ...(!this.isOpen && { attempt: null, attemptAt: null }), ...this.#change };
  }

  get #writes(): Readonly<Record<string, number>> {
    return this.#change.writesByHour ?? this.#state.writesByHour;
  }
}
