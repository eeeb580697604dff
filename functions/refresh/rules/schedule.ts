import { createHash } from 'node:crypto';
import { marginSeconds } from '../../connections/fit.ts';
import type { Timing } from './timing.ts';

/** What decides when a connection is due again after a refresh. Instants in epoch milliseconds. */
export interface RefreshFacts {
  readonly name: string;
  /** Successful refreshes, this one included. */
  readonly generation: number;
  readonly now: number;
  /** Start of the request that brought the token. */
  readonly obtainedAt: number;
  readonly expiresAt: number;
  /** Expiry before this refresh; absent at the first. */
  readonly previousExpiresAt: number | undefined;
  readonly refreshTokenExpiresAt: number | undefined;
  /** The connection's own margin, if it has one. */
  readonly marginSeconds: number | undefined;
}

/**
 * The instant from which a connection should be refreshed again: expiry − margin − jitter. The second
 * refresh of a connection is spread over the whole cycle, so that a fleet registered at once levels out.
 * An end of the refresh token that comes first pulls it forward; no progress pushes it back.
 */
export function dueAfterRefresh(facts: RefreshFacts, timing: Timing): number {
  const { obtainedAt, expiresAt, now } = facts;
  const marginMs = marginSeconds((expiresAt - obtainedAt) / 1000, facts.marginSeconds) * 1000;
  const cycleMs = Math.max(0, expiresAt - marginMs - obtainedAt);
  const share = hashShare(facts.name, facts.generation);
  const due =
    facts.generation === 1 ? obtainedAt + share * cycleMs : expiresAt - marginMs - share * (cycleMs / 10);
  const madeProgress = facts.previousExpiresAt === undefined || expiresAt > facts.previousExpiresAt;
  const soonest = madeProgress ? now : now + Math.max(timing.noProgressMs, (expiresAt - now) / 2);
  return Math.round(Math.max(soonest, Math.min(due, keepAliveAt(facts, timing) ?? due)));
}

/** When a refresh token must be used to stay alive; `undefined` when that cannot help any more. */
function keepAliveAt(facts: RefreshFacts, timing: Timing): number | undefined {
  const end = facts.refreshTokenExpiresAt;
  if (end === undefined) return undefined;
  const keepAlive = end - marginSeconds((end - facts.obtainedAt) / 1000, undefined) * 1000;
  return keepAlive > facts.now + timing.noProgressMs ? keepAlive : undefined;
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

/** Uniform in [0, 1) over connections and their generations, and always the same for the same two. */
export function hashShare(name: string, generation: number): number {
  return createHash('sha256').update(`${name}#${generation}`).digest().readUInt32BE(0) / 2 ** 32;
}
