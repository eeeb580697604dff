import type { ConnectionState } from '../connection-state.ts';
import type { Failure } from './classify-failure.ts';
import { isWaiting } from './health.ts';
import type { Timing } from './timing.ts';

/** What decides when a connection is tried again after a failure. Instants in epoch milliseconds. */
export interface FailureFacts {
  readonly failure: Failure;
  /** Failures of this kind in a row, this one included. */
  readonly failures: number;
  /** Since when the failures in a row have been of this kind. */
  readonly kindAt: number;
  /** Since when it has been failing with this outcome. */
  readonly since: number;
  /** When the token that readers have expires. */
  readonly expiresAt: number | undefined;
  /** It is woken to the second, and need not leave a tick its time. Default false. */
  readonly isWoken?: boolean;
  readonly now: number;
}

/** Of the first wait after a failure, what two tries are apart at least where each is woken. */
const WOKEN_SHARE = 1 / 6;

/** A try that starts so long before the expiry still saves the reader: one tick late, and one refresh long. */
const LAST_CHANCE_MS = 90_000;

/**
 * When a connection is tried again after a failure. Nothing waits for ever, and no wait passes the instant at
 * which a last try can still save the reader, unless a limit of the provider would be broken by it twice.
 * `fraction` is uniform in [0, 1).
 */
export function dueAfterFailure(facts: FailureFacts, fraction: number, timing: Timing): number {
  const { failure, failures, expiresAt, now } = facts;
  if (failure.retryAt !== undefined) return Math.max(now, failure.retryAt);
  const due = nextTryAt(facts, fraction, timing);
  const lastChance = lastChanceAt(expiresAt, now);
  const isLimit = failure.retryAfterMs !== undefined || failure.kind === 'throttled';
  const { isWoken = false } = facts;
  const leastMs = timing.retryFirstMs * (isWoken ? WOKEN_SHARE : 1);
  const halfway = isWaiting(failure.outcome) ? undefined : halfwayTo(expiresAt, now, leastMs);
  // A later moment is all that it takes.
  if (failure.isEarly && halfway !== undefined) return Math.min(lastChance ?? halfway, halfway);
  // A limit may be broken once for the reader: where there is no tick to wait for, as late as that helps.
  const once = lastChance ?? (isWoken ? halfway : undefined);
  if (isLimit) return failures === 1 ? Math.min(due, once ?? due) : due;
  return Math.min(due, lastChance ?? due, halfway ?? due);
}

/** Halfway to the expiry of the token that readers have: the closer it comes, the more often it is tried. */
function halfwayTo(expiresAt: number | undefined, from: number, leastMs: number): number | undefined {
  const leftMs = expiresAt === undefined ? 0 : expiresAt - from;
  return leftMs > 0 ? from + Math.max(leastMs, leftMs / 2) : undefined;
}

/** The instant of that last try; `undefined` when it has passed, or when readers have no token that lives. */
export function lastChanceAt(expiresAt: number | undefined, now: number): number | undefined {
  const at = expiresAt === undefined ? undefined : expiresAt - LAST_CHANCE_MS;
  return at !== undefined && at > now ? at : undefined;
}

/** Whether it is now, and a limit of the provider was not broken for it before. */
export function isLastChance(state: ConnectionState, now: number): boolean {
  return isInLastChance(state.expiresAt, now) && (state.failuresByKind?.['throttled'] ?? 0) <= 1;
}

/** Whether a try that starts now is the last that can save the reader. */
export function isInLastChance(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && expiresAt > now && expiresAt - LAST_CHANCE_MS <= now;
}

function nextTryAt(
  { failure, failures, kindAt, since, now }: FailureFacts,
  fraction: number,
  timing: Timing,
): number {
  const { retryAfterMs, outage = false } = failure;
  if (failure.kind === 'unsure' && retryAfterMs === undefined && !isWaiting(failure.outcome)) {
    return now + spacedMs(now - kindAt, timing) * (0.5 + fraction / 2);
  }
  const retryAt = now + retryDelayMs({ failures, retryAfterMs, outage }, fraction, timing);
  if (!isWaiting(failure.outcome)) return retryAt;
  const lookAt = nextLookAt(since, now, timing);
  // A store that refuses is asked again for real, which may spend something: not every minute.
  return failure.source === 'store' || retryAfterMs !== undefined ? Math.max(lookAt, retryAt) : lookAt;
}

/**
 * When a refresh token that was refused without a reason that is sure may be shown to its provider again:
 * soon after a moment, seldom after a day, and the more often the closer the expiry comes.
 */
export function refreshTokenTryAt(
  {
    lastErrorKindAt,
    refreshTokenSentAt,
    expiresAt,
  }: Pick<ConnectionState, 'lastErrorKindAt' | 'refreshTokenSentAt' | 'expiresAt'>,
  timing: Timing,
): number {
  if (lastErrorKindAt === undefined || refreshTokenSentAt === undefined) return 0;
  const spaced = refreshTokenSentAt + spacedMs(refreshTokenSentAt - lastErrorKindAt, timing);
  return Math.min(
    spaced,
    lastChanceAt(expiresAt, refreshTokenSentAt) ?? spaced,
    halfwayTo(expiresAt, refreshTokenSentAt, timing.retryFirstMs) ?? spaced,
  );
}

/** A quarter of how long it has lasted, at least half a minute, at most an hour. */
function spacedMs(lastedMs: number, timing: Timing): number {
  return Math.min(timing.unsureMostMs, Math.max(timing.retryFirstMs, lastedMs / 4));
}

/**
 * How long to wait after a failure, in milliseconds: Retry-After where given, else exponential with full
 * jitter. `failures` counts this one; `fraction` is uniform in [0, 1).
 */
export function retryDelayMs(
  failure: { readonly failures: number; readonly retryAfterMs: number | undefined; readonly outage: boolean },
  fraction: number,
  timing: Timing,
): number {
  if (failure.retryAfterMs !== undefined) return Math.min(failure.retryAfterMs, timing.retryAfterMostMs);
  const most = failure.outage ? timing.outageRetryMostMs : timing.retryMostMs;
  const exponential = timing.retryFirstMs * 2 ** Math.min(failure.failures - 1, 30);
  return Math.round(fraction * Math.min(most, exponential));
}

/** When a connection that has waited for a person since `since` looks for a change again. */
export function nextLookAt(since: number, now: number, timing: Timing): number {
  const waited = now - since;
  const tier = timing.waiting.find(({ withinMs }) => waited < withinMs) ?? timing.waiting.at(-1);
  return Math.round(now + (tier?.everyMs ?? 0));
}

/**
 * Whether a person should be reminded of a connection that has waited since `since`, between the look that
 * was due at `from` and the next one at `to`: after an hour, and every day. The first notice may have been
 * lost with the process that was to send it.
 */
export function remindsBetween(since: number, from: number, to: number, timing: Timing): boolean {
  const [hourMs, dayMs] = timing.waiting.map(({ withinMs }) => withinMs) as [number, number];
  const reminders = (at: number) => (at - since < hourMs ? 0 : 1 + Math.floor((at - since) / dayMs));
  return reminders(to) > reminders(from);
}
