/** The waits of the refresh policy, in milliseconds. They shrink together where time is scaled. */
export interface Timing {
  /** A forced refresh never exchanges sooner than this after the last exchange. */
  readonly forceGapMs: number;
  /** First wait after a failure; it doubles with each further one. */
  readonly retryFirstMs: number;
  /** Longest wait after a failure that is the connection's own. */
  readonly retryMostMs: number;
  /** Longest wait after a failure that is the provider's or AWS's as a whole: it ends for all at once. */
  readonly outageRetryMostMs: number;
  /** Longest Retry-After that is honoured. */
  readonly retryAfterMostMs: number;
  /** When a refresh token that was refused for sure is sent once more: after the first refusal, and after more. */
  readonly refusedAgainMs: readonly [number, number];
  /** Longest wait between two tries of what is refused without a reason that is sure. */
  readonly unsureMostMs: number;
  /** How often the password grant is really tried while it is refused: providers lock accounts. */
  readonly passwordEveryMs: number;
  /** Wait after a send without an answer; it doubles with each further one, up to an hour. */
  readonly unansweredMs: number;
  /** How often a connection that waits for a person looks for a change, by how long it has waited. */
  readonly waiting: readonly { readonly withinMs: number; readonly everyMs: number }[];
  /** How long an origin that does not answer is left alone: under a tick, so that each tick probes once. */
  readonly originCooldownMs: number;
  /** How long one client at one origin is left alone when the answer does not say. */
  readonly clientCooldownMs: number;
  /** Least wait after a refresh that brought no later expiry. */
  readonly noProgressMs: number;
  /** How long credentials that were read are used without reading them again. */
  readonly credentialsCacheMs: number;
  /** The same while they are the version that the connection used last. What is refused is read again in any case. */
  readonly credentialsKnownMs: number;
  /** The span over which Secrets Manager keeps every version. */
  readonly versionDayMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const TIMING: Timing = {
  forceGapMs: MINUTE,
  retryFirstMs: 30 * SECOND,
  retryMostMs: 15 * MINUTE,
  outageRetryMostMs: MINUTE,
  retryAfterMostMs: HOUR,
  refusedAgainMs: [HOUR, 24 * HOUR],
  unsureMostMs: HOUR,
  passwordEveryMs: HOUR,
  unansweredMs: 2 * MINUTE,
  waiting: [
    { withinMs: HOUR, everyMs: MINUTE },
    { withinMs: 24 * HOUR, everyMs: 5 * MINUTE },
    { withinMs: Number.POSITIVE_INFINITY, everyMs: HOUR },
  ],
  originCooldownMs: 45 * SECOND,
  clientCooldownMs: MINUTE,
  noProgressMs: 30 * SECOND,
  credentialsCacheMs: 5 * MINUTE,
  credentialsKnownMs: 12 * HOUR,
  versionDayMs: 24 * HOUR,
};

/** The same policy where an hour lasts `1 / scale` hours; `scale` 1 changes nothing. */
export function scaleTiming(timing: Timing, scale: number): Timing {
  const shrink = (ms: number) => ms / scale;
  return {
    forceGapMs: shrink(timing.forceGapMs),
    retryFirstMs: shrink(timing.retryFirstMs),
    retryMostMs: shrink(timing.retryMostMs),
    outageRetryMostMs: shrink(timing.outageRetryMostMs),
    retryAfterMostMs: shrink(timing.retryAfterMostMs),
    refusedAgainMs: [shrink(timing.refusedAgainMs[0]), shrink(timing.refusedAgainMs[1])],
    unsureMostMs: shrink(timing.unsureMostMs),
    passwordEveryMs: shrink(timing.passwordEveryMs),
    // An exchange may take effect so long after it was sent, however short the local hours are.
    unansweredMs: timing.unansweredMs,
    waiting: timing.waiting.map((tier) => ({
      withinMs: shrink(tier.withinMs),
      everyMs: shrink(tier.everyMs),
    })),
    originCooldownMs: shrink(timing.originCooldownMs),
    clientCooldownMs: shrink(timing.clientCooldownMs),
    noProgressMs: shrink(timing.noProgressMs),
    credentialsCacheMs: shrink(timing.credentialsCacheMs),
    credentialsKnownMs: shrink(timing.credentialsKnownMs),
    versionDayMs: shrink(timing.versionDayMs),
  };
}

/**
 * How long the steps of one refresh may take, in milliseconds. These bound calls over a network, so they
 * are the same everywhere. A refresh token is spent only when `spendMs` is left of lease and function:
 * 15 s exchange, 40 s persist, 10 s rescue, 5 s commit, 5 s to spare.
 */
export const STEPS = {
  leaseMs: 120 * SECOND,
  spendMs: 75 * SECOND,
  /** An exchange has left by then, however slow the process is after it looked at the time. */
  sentBeforeEndMs: 70 * SECOND,
  exchangeMs: 15 * SECOND,
  /** Persisting gives way to the rescue this long before the lease ends. */
  rescueBeforeEndMs: 15 * SECOND,
  /** The rescue has at least this long, and may go on until the token must be published. */
  rescueMs: 10 * SECOND,
  publishBeforeEndMs: 25 * SECOND,
  /** Every call is aborted this long before the lease ends. */
  abortBeforeEndMs: 5 * SECOND,
} as const;
