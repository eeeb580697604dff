import type { StateChange } from './connection-state.ts';
import type { Clock } from './ports/outside.ts';
import type { Learned } from './rules/earliest.ts';

type Changed = { -readonly [Key in keyof StateChange]?: StateChange[Key] };

/** What a refresh notes of its exchange for those who look at the connection: no rule depends on the order of it. */
export class ExchangeNotes {
  readonly #change: Changed = {};
  readonly #durations: { exchangeMs?: number; storeMs?: number } = {};

  /** How long asking the token endpoint took, and storing what it answered; absent where that was not done. */
  get durations(): { readonly exchangeMs?: number; readonly storeMs?: number } {
    return this.#durations;
  }

  /** Does a part of the refresh, and adds up how long such parts took. */
  async time<T>(
    part: 'exchangeMs' | 'storeMs',
    clock: Pick<Clock, 'now'>,
    work: () => Promise<T>,
  ): Promise<T> {
    const startedAt = clock.now();
    try {
      return await work();
    } finally {
      this.#durations[part] = (this.#durations[part] ?? 0) + clock.now() - startedAt;
    }
  }

  /** Which credentials are used; `undefined` while they have no value. */
  usesCredentials(versionId: string | undefined): void {
    this.#change.credentialsVersionId = versionId ?? null;
  }

  /** Where the credentials are sent, other ones or elsewhere than before. `isBound`: their secret says where they may go. */
  sendsCredentials(origin: string, isBound: boolean): void {
    this.#change.credentialsSentTo = origin;
    this.#change.credentialsBound = isBound;
    this.#change.credentialsSentToSince = null;
  }

  /** They go there for the first time: epoch milliseconds. */
  sendsCredentialsFirst(at: number): void {
    this.#change.credentialsSentToSince = at;
  }

  /** The token endpoint was asked, with a refresh token or without. */
  exchanged(at: number, sendsRefreshToken: boolean): void {
    this.#change.exchangedAt = at;
    if (sendsRefreshToken) this.#change.refreshTokenSentAt = at;
  }

  /** What is known by now of how early the provider gives another token. */
  learned(learned: Learned): void {
    Object.assign(this.#change, learned);
  }

  /** Whether a token that was obtained could be published. */
  published(isPublished: boolean): void {
    this.#change.unpublished = isPublished ? null : true;
  }

  toChange(): StateChange {
    return this.#change;
  }
}
