import { TIMING } from '../../functions/refresh/rules/timing.ts';
import { unansweredWaitMs } from '../../functions/refresh/steps/recover-open-attempt.ts';

/** One send of a refresh token, as the whole world saw it. */
export interface Send {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** As far as its sender can know now, the refresh token may have been spent. */
  readonly mayHaveSpent: boolean;
  /** It reached the provider itself. */
  readonly hadEffect: boolean;
  /** For how long the provider answers a spent token with its successor, milliseconds. */
  readonly graceMs: number;
  /** Whether a store has what this token was exchanged for before. */
  readonly successorIsStored: () => boolean;
}

interface History {
  /** Sends without an answer, epoch milliseconds. */
  unanswered: number[];
  /** Answers that were noted after it had been spent. */
  answeredSpent: number;
  isSpent: boolean;
}

/**
 * Every send of every refresh token, held against what is promised: one that an earlier send may have spent
 * comes again only after the wait for it, never after an answer was noted, and never once its successor is
 * stored.
 */
export class Sends {
  readonly #byToken = new Map<string, History>();
  /** How far the clocks of two senders may be apart, milliseconds. */
  readonly #clocksApartMs: number;

  constructor(clocksApartMs: number) {
    this.#clocksApartMs = clocksApartMs;
  }

  /** Notes a send. @returns what it breaks, in words */
  add({ token, at, mayHaveSpent, hadEffect, graceMs, successorIsStored }: Send): string[] {
    const history = this.#byToken.get(token) ?? { unanswered: [], answeredSpent: 0, isSpent: false };
    this.#byToken.set(token, history);
    const found: string[] = [];
    const { unanswered, isSpent } = history;
    const waited = at - (unanswered.at(-1) ?? 0);
    const isInGrace = unanswered.length === 1 && waited < graceMs + this.#clocksApartMs;
    const wait = unanswered.length > 0 ? unansweredWaitMs(unanswered.length, TIMING) : 0;
    if (waited < wait - this.#clocksApartMs && !isInGrace) {
      found.push(`a refresh token was sent again before the wait was over: ${waited} ms, not ${wait} ms`);
    }
    if (isSpent && successorIsStored()) {
      found.push('a refresh token was sent again although its successor was stored');
    }
    if (history.answeredSpent > 0) found.push('a refresh token was sent again after a try had been answered');
    // Until its answer is noted, a send has none.
    if (mayHaveSpent || hadEffect) unanswered.push(at);
    if (hadEffect) history.isSpent = true;
    return found;
  }

  /** The answer to the last send was noted by who is alive. `wasSpent`: the token had been spent before it. */
  answered(token: string, wasSpent: boolean): void {
    const history = this.#byToken.get(token);
    if (!history) return;
    history.unanswered.pop();
    if (wasSpent) history.answeredSpent += 1;
  }

  isSpent(token: string): boolean {
    return this.#byToken.get(token)?.isSpent ?? false;
  }

  /** What was noted is gone: the state was put back. */
  restored(tokens?: ReadonlySet<string>): void {
    for (const [token, history] of this.#byToken) {
      if (tokens === undefined || tokens.has(token)) history.answeredSpent = 0;
    }
  }
}
