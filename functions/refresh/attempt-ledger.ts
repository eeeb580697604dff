import type { ConnectionState, StateChange } from './connection-state.ts';
import { ExchangeNotes } from './exchange-notes.ts';
import type { AttemptOpening } from './ports/state-table.ts';
import { NO_REFUSAL, type Refusal } from './rules/refusal.ts';
import { memberOf, placedIn } from './rules/ring.ts';
import type { Timing } from './rules/timing.ts';
import { VersionAccount } from './version-account.ts';

/** How far the exchange of one refresh has come. */
type Phase =
  /** An earlier refresh left its attempt open; nothing may be sent before that is settled. */
  | 'inherited'
  /** Nothing that this attempt could have spent is in flight. */
  | 'idle'
  /** A refresh token was sent, or is about to be: it may have been spent. */
  | 'sent'
  /** An answer is in hand that may hold the only copy of a refresh token. */
  | 'in-hand'
  /** What the answer brought is stored, or it brought nothing to store. */
  | 'closed';

type Changed = { -readonly [Key in keyof StateChange]: StateChange[Key] };

/**
 * What a refresh has done so far with the refresh token of its connection, and the change of state that
 * follows from it. The only writer of the attempt, the version ids and the counts of writes in a state. Three
 * things hold whatever is called in whatever order:
 *
 * - nothing that may spend a refresh token is sent before that send is written down: which version, when, how
 *   often;
 * - an attempt stays in the state from the sending until the provider refused for sure, or what it answered
 *   is stored in its secret. A rescue does not count: the attempt is what leads back to it;
 * - a send without an answer stays one, whatever is answered to a later send of the same attempt, unless that
 *   answer brings a token.
 */
export class AttemptLedger {
  readonly #state: ConnectionState;
  /** The versions that this refresh made of both secrets, and may still make. */
  readonly versions: VersionAccount;
  readonly notes = new ExchangeNotes();
  #attempt: string;
  #phase: Phase;
  /** The send that is written down and has not left; the lease writes the usual one. */
  #permit: AttemptOpening | undefined;
  /** The send that is written down last. */
  #written: AttemptOpening | undefined;
  /** An earlier send without an answer, on which the last one is counted. */
  #unsettled: AttemptOpening | undefined;
  #isUnanswered = false;
  #isRescued = false;
  #grantType: string | undefined;
  readonly #change: Changed = {};

  /** @param attempt the id that the lease offered; the state holds it unless an earlier attempt was open */
  constructor(state: ConnectionState, attempt: string, timing: Timing) {
    this.#state = state;
    this.versions = new VersionAccount(state, timing);
    this.#attempt = attempt;
    const isOwn = state.attempt === attempt;
    this.#phase = isOwn || state.attempt === undefined ? 'idle' : 'inherited';
    const { refreshTokenVersionId: versionId, attemptAt: at = 0 } = state;
    if (isOwn && versionId !== undefined) this.#permit = { attempt, versionId, at, sends: 1 };
  }

  /** The id that the exchange of this refresh goes by: its refresh token's version, and its token's. */
  get attempt(): string {
    return this.#attempt;
  }

  /** Whether the commit leaves an attempt open. */
  get isOpen(): boolean {
    if (this.#phase === 'idle') return this.#unsettled !== undefined;
    return this.#phase !== 'closed';
  }

  /** The attempt that an earlier refresh left open, until it is settled; `undefined` when there is none. */
  get inherited(): AttemptOpening | undefined {
    const { attempt, attemptAt = 0, refreshTokenVersionId = '', unansweredSends = 1 } = this.#state;
    if (this.#phase !== 'inherited' || attempt === undefined) return undefined;
    return { attempt, versionId: refreshTokenVersionId, at: attemptAt, sends: unansweredSends };
  }

  /** Sends without an answer of the version that the open attempt may have spent. */
  get unansweredSends(): number | undefined {
    return this.inherited?.sends ?? (this.#phase === 'sent' ? this.#written?.sends : undefined);
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

  /** The earlier attempt's refresh token is stored in this version; its write was at `at`. */
  recovered(versionId: string, at: number): void {
    if (this.#state.refreshTokenVersionId !== versionId) this.versions.wrote(at, memberOf(versionId));
    this.#change.refreshTokenVersionId = versionId;
    if (this.#phase === 'inherited') this.#phase = 'idle';
  }

  /** The earlier attempt can no longer take effect, and another refresh token counts by now. */
  overtaken(): void {
    if (this.#phase === 'inherited') this.#phase = 'idle';
  }

  trying(grantType: string): void {
    this.#grantType = grantType;
  }

  /** Which version of the refresh token counts. */
  usesRefreshToken(versionId: string): void {
    this.#change.refreshTokenVersionId = versionId;
  }

  /**
   * What must be written down before this version may be sent, whose successor goes to `member` (default: the one that
   * the attempt's id names); `undefined` when it is. An earlier attempt that is not settled is counted on: `attempt` is
   * then the new one that takes its place, as it is where the successor goes elsewhere.
   */
  toWriteDown(
    versionId: string,
    at: number,
    newAttempt: () => string,
    member = memberOf(this.#attempt),
  ): AttemptOpening | undefined {
    const isPlaced = memberOf(this.#attempt) === member;
    const permit = this.#permit?.versionId === versionId ? this.#permit : undefined;
    if (permit && isPlaced) return undefined;
    const before = this.inherited ?? this.#written;
    const sends = permit?.sends ?? (before?.versionId === versionId ? before.sends + 1 : 1);
    const isNew = this.#phase === 'inherited' || !isPlaced;
    return { attempt: isNew ? placedIn(member, newAttempt()) : this.#attempt, versionId, at, sends };
  }

  /** That stands in the state now. */
  writtenDown(send: AttemptOpening): void {
    if (this.#phase === 'in-hand' || this.#phase === 'closed') {
      throw new Error(`nothing more may be sent: the attempt is ${this.#phase}`);
    }
    const before = this.inherited ?? this.#written ?? this.#unsettled;
    this.#unsettled = send.sends > 1 && before ? { ...before, attempt: send.attempt } : undefined;
    this.#attempt = send.attempt;
    this.#permit = send;
    this.#change.refreshTokenVersionId = send.versionId;
    if (this.#phase === 'inherited') this.#phase = 'idle';
  }

  /** A refresh token that the exchange may spend leaves now. */
  sending(versionId: string, at: number): void {
    const permit = this.#permit;
    if (permit?.versionId !== versionId || (this.#phase !== 'idle' && this.#phase !== 'sent')) {
      throw new Error(`a refresh token may not be sent that is not written down: ${this.#phase}`);
    }
    this.#phase = 'sent';
    this.#written = { ...permit, at };
    this.#permit = undefined;
  }

  /** No trustworthy answer came until `at`: the send may have left no earlier than this. */
  unanswered(at: number): void {
    this.#isUnanswered = true;
    if (this.#written) this.#written = { ...this.#written, at };
  }

  /**
   * The exchange came to an end that spent nothing: an answer in which nothing was issued, or never sent. It says
   * nothing of an earlier send that had no answer.
   */
  spentNothing(): void {
    if (this.#unsettled === undefined) this.#settled();
    else if (this.#phase === 'sent' && !this.#isUnanswered) this.#written = this.#unsettled;
  }

  /** The provider refused for sure. Says nothing where an earlier send of the attempt had no answer. */
  refused(refusal: Refusal): void {
    if (this.#isUnanswered) return;
    this.#settled();
    Object.assign(this.#change, refusal);
  }

  #settled(): void {
    if (this.#phase !== 'sent' || this.#isUnanswered) return;
    this.#phase = 'idle';
    this.#permit ??= this.#written;
    this.#unsettled = undefined;
  }

  /** An answer brought a refresh token, which nobody else has. */
  inHand(): void {
    this.#phase = 'in-hand';
  }

  /** The refresh token of this attempt is stored, under the attempt's id. */
  persisted(): void {
    this.#phase = 'closed';
    this.minted();
  }

  /** It lies in the rescue; the attempt leads back to it. */
  rescued(): void {
    this.#isRescued = true;
  }

  /** The answer brought no refresh token to store. */
  broughtNothing(): void {
    if (this.#phase !== 'inherited') this.#phase = 'closed';
  }

  /** The refresh token of a grant that can be repeated is stored: what was sent or refused before it is history. */
  minted(): void {
    if (this.#phase === 'inherited') this.#phase = 'idle';
    this.#change.refreshTokenVersionId = this.#attempt;
    Object.assign(this.#change, NO_REFUSAL);
  }

  /** A person's refresh token took the place of all that was before it. */
  replaced(versionId: string): void {
    this.#phase = 'closed';
    this.#change.refreshTokenVersionId = versionId;
    Object.assign(this.#change, NO_REFUSAL);
  }

  /** What of all this the state must keep, whether the refresh succeeds or fails. */
  toChange(): StateChange {
    return {
      ...this.#attemptChange(),
      ...this.#change,
      ...this.versions.toChange(),
      ...this.notes.toChange(),
    };
  }

  #attemptChange(): StateChange {
    if (!this.isOpen) return { attempt: null, attemptAt: null, unansweredSends: null };
    const last = this.#written ?? this.#unsettled;
    if (last === undefined) return {};
    const { attempt, at, sends } = last;
    return { attempt, attemptAt: at, unansweredSends: sends };
  }
}
