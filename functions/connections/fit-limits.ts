/** The figures behind the rules. Local time scales all of them by the same factor. */
export interface FitLimits {
  /** Time between ticks. Default 60. */
  readonly tickSeconds: number;
  /** What one refresh takes, from the lease to the published token. Default 30. */
  readonly refreshSeconds: number;
  /** Least sustained time between writes of one secret: 100 versions and one day. Default 900. */
  readonly minIntervalSeconds: number;
  /** Ticks between two writes of one parameter, which has no quota of versions. Default 2. */
  readonly parameterTicks: number;
  /** How many secrets hold a refresh token in turn that rotates with a token in a parameter, at most. Default 8. */
  readonly secretsInTurn: number;
  /** How late a wake-up comes at most that was sent for the second. Default 15. */
  readonly wakeUpSeconds: number;
  /** How far ahead a wake-up can be sent. Default 900. */
  readonly wakeUpAheadSeconds: number;
  /** The longest wait after a first failure. Default 30. */
  readonly retrySeconds: number;
  /** Cache time of readers that say nothing: that of AWS's Lambda extension and Agent. Default 300. */
  readonly readerCacheSeconds: number;
  /** The share of (lifetime − margin) by which jitter may make a refresh earlier. Default 0.1. */
  readonly jitterShare: number;
}

export const FIT_LIMITS: FitLimits = {
  tickSeconds: 60,
  refreshSeconds: 30,
  minIntervalSeconds: 900,
  parameterTicks: 2,
  secretsInTurn: 8,
  wakeUpSeconds: 15,
  wakeUpAheadSeconds: 900,
  retrySeconds: 30,
  readerCacheSeconds: 300,
  jitterShare: 0.1,
};

/** The queue of wake-ups follows what CDK declares: what is imported may have the tick alone. */
export const BY_TICK: FitLimits = { ...FIT_LIMITS, wakeUpAheadSeconds: 0 };

/** The limits where an hour lasts `1 / scale` hours. */
export function scaleFitLimits(limits: FitLimits, scale: number): FitLimits {
  return {
    ...limits,
    tickSeconds: limits.tickSeconds / scale,
    refreshSeconds: limits.refreshSeconds / scale,
    minIntervalSeconds: limits.minIntervalSeconds / scale,
    wakeUpSeconds: limits.wakeUpSeconds / scale,
    wakeUpAheadSeconds: limits.wakeUpAheadSeconds / scale,
    retrySeconds: limits.retrySeconds / scale,
    readerCacheSeconds: limits.readerCacheSeconds / scale,
  };
}
