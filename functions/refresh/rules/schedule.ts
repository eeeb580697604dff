import { hash } from 'node:crypto';
import { marginSeconds } from '../../connections/fit.ts';
import type { Timing } from './timing.ts';
import { MOST_WRITES_A_DAY } from './write-quota.ts';

/** By how much of (lifetime − margin) jitter makes a refresh earlier. */
export const JITTER_SHARE = 0.1;

/** Whole seconds and the way of an answer make the same expiry look as far apart. */
const SAME_EXPIRY_MS = 5_000;

/**
 * A provider that gives another token in the last moments alone counts them from when it answered, and in whole
 * seconds: it is asked so much after that, or a tenth of those moments where they are few.
 */
const AFTER_EARLIEST_MS = 2_000;

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
  /** The same access token came again. */
  readonly isSame: boolean;
  readonly refreshTokenExpiresAt: number | undefined;
  /** The connection's own margin, if it has one. */
  readonly marginSeconds: number | undefined;
  /** How long before the expiry the provider gives another token at the earliest; absent: at any time. */
  readonly earliestRefreshSeconds?: number | undefined;
  /** How many secrets take the writes of its refreshes in turn; infinitely many where none is written. Default 1. */
  readonly secrets?: number;
  /** A refresh ends the token that readers have: it comes no sooner than it must. Default false. */
  readonly endsPrevious?: boolean;
}

/**
 * The instant from which a connection should be refreshed again: expiry − margin − jitter. The second
 * refresh of a connection is spread over the cycle, so that a fleet registered at once comes evenly from then on.
 * An end of the refresh token that comes first pulls it forward; no progress pushes it back.
 */
export function dueAfterRefresh(facts: RefreshFacts, timing: Timing): number {
  const { obtainedAt, expiresAt, now } = facts;
  const marginMs = marginMsOf(facts);
  const cycleMs = Math.max(0, expiresAt - marginMs - obtainedAt);
  const share = hashShare(facts.name, facts.generation);
  const spread =
    facts.generation === 1
      ? obtainedAt + firstWait(share) * cycleMs
      : expiresAt - marginMs - share * cycleMs * JITTER_SHARE;
  // What is early is refused there, or costs readers the token that they have.
  const isLate = facts.endsPrevious === true || facts.earliestRefreshSeconds !== undefined;
  const due = isLate ? expiresAt - marginMs + afterEarliestMs(facts, marginMs) : spread;
  const progressMs = facts.isSame ? SAME_EXPIRY_MS : 0;
  const madeProgress =
    facts.previousExpiresAt === undefined || expiresAt > facts.previousExpiresAt + progressMs;
  const soonest = madeProgress ? now : now + Math.max(timing.noProgressMs, (expiresAt - now) / 2);
  const keepAlive = keepAliveAt(facts, timing);
  const isSlowed = isStretched(facts, timing) && !facts.isSame;
  const bearable = isSlowed ? obtainedAt + leastIntervalMs(timing, facts.secrets) : due;
  return Math.round(Math.max(soonest, Math.min(Math.max(due, bearable), keepAlive ?? Infinity)));
}

/**
 * How long one waits for the first of instants that lie (1 − jitter) to 1 of a cycle apart, at a moment that has nothing
 * to do with them, as a share of the cycle. Refreshes that begin so come equally often from then on for ever: a share of
 * the whole cycle alike would bring twice as many at its end, and half as many more at the end of the next.
 * @param share uniform in [0, 1)
 */
function firstWait(share: number): number {
  const mean = 1 - JITTER_SHARE / 2;
  if (share * mean <= 1 - JITTER_SHARE) return share * mean;
  return 1 - Math.sqrt(2 * JITTER_SHARE * mean * (1 - share));
}

function afterEarliestMs({ earliestRefreshSeconds }: RefreshFacts, marginMs: number): number {
  if (earliestRefreshSeconds === undefined || marginMs < earliestRefreshSeconds * 1000) return 0;
  return Math.min(AFTER_EARLIEST_MS, marginMs / 10);
}

/** Whether the lifetime does not fit its secrets: the cadence is then what their version quotas bear. */
export function isStretched(
  facts: Pick<
    RefreshFacts,
    'obtainedAt' | 'expiresAt' | 'marginSeconds' | 'earliestRefreshSeconds' | 'secrets'
  >,
  timing: Timing,
): boolean {
  const lifetimeMs = facts.expiresAt - facts.obtainedAt;
  return (lifetimeMs - marginMsOf(facts)) * (1 - JITTER_SHARE) < leastIntervalMs(timing, facts.secrets);
}

function marginMsOf({
  obtainedAt,
  expiresAt,
  marginSeconds: configured,
  earliestRefreshSeconds,
}: Pick<RefreshFacts, 'obtainedAt' | 'expiresAt' | 'marginSeconds' | 'earliestRefreshSeconds'>): number {
  return marginSeconds((expiresAt - obtainedAt) / 1000, configured, earliestRefreshSeconds) * 1000;
}

/** Least time between two writes of so many secrets in turn that their version quotas bear for ever. */
export function leastIntervalMs(timing: Timing, secrets = 1): number {
  return timing.versionDayMs / (MOST_WRITES_A_DAY * secrets);
}

/** When a refresh token must be used to stay alive; `undefined` when that cannot help any more. */
function keepAliveAt(facts: RefreshFacts, timing: Timing): number | undefined {
  const end = facts.refreshTokenExpiresAt;
  if (end === undefined) return undefined;
  const keepAlive = end - marginSeconds((end - facts.obtainedAt) / 1000, undefined) * 1000;
  return keepAlive > facts.now + timing.noProgressMs ? keepAlive : undefined;
}

/** Uniform in [0, 1) over connections and their generations, and always the same for the same two. */
export function hashShare(name: string, generation: number): number {
  return hash('sha256', `${name}#${generation}`, 'buffer').readUInt32BE(0) / 2 ** 32;
}
