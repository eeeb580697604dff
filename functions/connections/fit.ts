/** What decides whether a connection can be kept fresh. All in seconds. */
export interface FitInput {
  /** Lifetime of an access token. */
  readonly lifetimeSeconds: number;
  /** The connection's own margin. Default: see `marginSeconds`. */
  readonly marginSeconds?: number | undefined;
  /** For how long readers cache a token; 0 for readers that do not. Default 300. */
  readonly readerCacheSeconds?: number | undefined;
  /** Whether a refresh may spend a refresh token: its secret is then written as often as the token's. Default false. */
  readonly spendsRefreshToken?: boolean | undefined;
  /** A refresh token dies when it is not used for this long. Default: never. */
  readonly refreshTokenInactivitySeconds?: number | undefined;
}

/** The figures behind the rules. Local time scales all of them by the same factor. */
export interface FitLimits {
  /** Time between ticks. Default 60. */
  readonly tickSeconds: number;
  /** What one refresh takes, from the lease to the published token. Default 30. */
  readonly refreshSeconds: number;
  /** Least sustained time between writes of one secret: 100 versions and one day. Default 900. */
  readonly minIntervalSeconds: number;
  /** Cache time of readers that say nothing: that of AWS's Lambda extension and Agent. Default 300. */
  readonly readerCacheSeconds: number;
  /** The share of (lifetime − margin) by which jitter may make a refresh earlier. Default 0.1. */
  readonly jitterShare: number;
}

export const FIT_LIMITS: FitLimits = {
  tickSeconds: 60,
  refreshSeconds: 30,
  minIntervalSeconds: 900,
  readerCacheSeconds: 300,
  jitterShare: 0.1,
};

/** Something about a connection that does not fit. An `error` refuses it, a `warning` is for a person to weigh. */
export interface FitProblem {
  readonly level: 'error' | 'warning';
  /** The field to look at first. */
  readonly field: 'marginSeconds' | 'readerCacheSeconds' | 'defaultLifetimeSeconds';
  /** What does not fit, with the values. */
  readonly message: string;
  /** What to change. Whoever does exactly that has no error of this kind left. */
  readonly remedy: string;
}

/** The limits where an hour lasts `1 / scale` hours. */
export function scaleFitLimits(limits: FitLimits, scale: number): FitLimits {
  return {
    ...limits,
    tickSeconds: limits.tickSeconds / scale,
    refreshSeconds: limits.refreshSeconds / scale,
    minIntervalSeconds: limits.minIntervalSeconds / scale,
    readerCacheSeconds: limits.readerCacheSeconds / scale,
  };
}

/**
 * Whether tokens of this lifetime can be kept in Secrets Manager so that no reader finds an expired one.
 *
 * **Interval.** A refresh is due at expiry − margin − jitter, so two are at least
 * 0.9 × (lifetime − margin) apart. That must reach 900 s and one tick: Secrets Manager keeps every
 * version of a day and some 100 in all, and 960 s are 90 writes in 24 hours, where a refresh declines to
 * spend a refresh token. With the default margin of 600 s: 0.9 × (lifetime − 600) ≥ 960, hence
 * lifetime ≥ 1,666.7, and 1,667 s is the shortest lifetime that needs no settings. A refresh token that
 * dies of inactivity is used its own margin before that, and the same 960 s must lie between.
 *
 * **Readers.** One that caches for `readerCacheSeconds` is safe when margin ≥ cache + 150 s: the refresh
 * starts up to one tick late, may take one tick more to get its turn, and lasts 30 s; until then the
 * reader may have cached the old token. Less is an error. To survive one failed try takes two ticks more,
 * cache + 270 s; less is a warning, since only a failure makes it matter.
 */
export function fit(input: FitInput, limits: FitLimits = FIT_LIMITS): FitProblem[] {
  return [...intervalProblems(input, limits), ...readerProblems(input, limits), ...marginProblems(input)];
}

function intervalProblems(input: FitInput, limits: FitLimits): FitProblem[] {
  const lifetime = input.lifetimeSeconds;
  const margin = marginSeconds(lifetime, input.marginSeconds);
  const least = leastInterval(limits);
  const interval = (lifetime - margin) * (1 - limits.jitterShare);
  const what = input.spendsRefreshToken ? 'the secrets of the token and of its refresh token' : 'its secret';
  const problems: FitProblem[] = [];
  if (interval < least) {
    problems.push({
      level: 'error',
      field: input.marginSeconds === undefined ? 'defaultLifetimeSeconds' : 'marginSeconds',
      message:
        `a token that lives ${text(lifetime)} s with a margin of ${text(margin)} s would be refreshed every ` +
        `${text(interval)} s, and ${what} would be written as often; Secrets Manager keeps all versions of a ` +
        `day and takes one write in ${text(limits.minIntervalSeconds)} s and a tick, ${text(least)} s`,
      remedy: intervalRemedy(input, limits),
    });
  }
  const inactivity = input.refreshTokenInactivitySeconds;
  if (inactivity !== undefined && inactivity < lifetime) {
    const keepAlive = inactivity - marginSeconds(inactivity);
    if (keepAlive < least) {
      problems.push({
        level: 'error',
        field: 'defaultLifetimeSeconds',
        message:
          `the refresh token dies when it is not used for ${text(inactivity)} s, so it would be used every ` +
          `${text(keepAlive)} s; Secrets Manager takes one write in ${text(least)} s`,
        remedy: `have the provider keep unused refresh tokens for at least ${text(leastLifetime(least, undefined))} s, or use client_credentials`,
      });
    }
  }
  return problems;
}

function intervalRemedy(input: FitInput, limits: FitLimits): string {
  const lifetime = input.lifetimeSeconds;
  const cycle = leastInterval(limits) / (1 - limits.jitterShare);
  const mostMargin = Math.floor(lifetime - cycle);
  const mostCache = Math.floor(mostMargin - safeAge(limits));
  const longer = `have the provider issue tokens that live at least ${text(leastLifetime(cycle, input.marginSeconds))} s`;
  if (mostCache < 0) return longer;
  const cache = input.readerCacheSeconds ?? limits.readerCacheSeconds;
  const readers = mostCache < cache ? ` with readerCacheSeconds at most ${text(mostCache)}` : '';
  return `set marginSeconds to ${text(mostMargin)}${readers}, or ${longer}`;
}

function readerProblems(input: FitInput, limits: FitLimits): FitProblem[] {
  const lifetime = input.lifetimeSeconds;
  const margin = marginSeconds(lifetime, input.marginSeconds);
  const cache = input.readerCacheSeconds ?? limits.readerCacheSeconds;
  const safe = cache + safeAge(limits);
  const sturdy = safe + 2 * limits.tickSeconds;
  if (margin >= sturdy) return [];
  const unsafe = margin < safe;
  return [
    {
      level: unsafe ? 'error' : 'warning',
      field: input.marginSeconds === undefined ? 'readerCacheSeconds' : 'marginSeconds',
      message: unsafe
        ? `a reader that caches for ${text(cache)} s could use an expired token: the margin is ` +
          `${text(margin)} s and would have to be at least ${text(safe)} s (the cache, two ticks and a refresh)`
        : `one failed refresh could leave a reader that caches for ${text(cache)} s with an expired token: ` +
          `the margin is ${text(margin)} s, and ${text(sturdy)} s would survive it`,
      remedy: readerRemedy(input, limits, unsafe ? safe : sturdy, unsafe ? safe - cache : sturdy - cache),
    },
  ];
}

/** Raises the margin where both half the lifetime and the interval allow it; else shortens the cache. */
function readerRemedy(input: FitInput, limits: FitLimits, wanted: number, beyondCache: number): string {
  const lifetime = input.lifetimeSeconds;
  const margin = marginSeconds(lifetime, input.marginSeconds);
  const cycle = leastInterval(limits) / (1 - limits.jitterShare);
  const most = Math.floor(Math.min(lifetime / 2, lifetime - cycle));
  const shorterCache = Math.floor(margin - beyondCache);
  const choices = [
    ...(wanted <= most ? [`set marginSeconds to ${text(Math.ceil(wanted))}`] : []),
    ...(shorterCache >= 0
      ? [`have readers cache for at most ${text(shorterCache)} s and set readerCacheSeconds to that`]
      : []),
  ];
  if (choices.length > 0) return choices.join(', or ');
  const lifetimeWanted = Math.ceil(Math.max(wanted * 2, wanted + cycle));
  return `have the provider issue tokens that live at least ${text(lifetimeWanted)} s and set marginSeconds to ${text(Math.ceil(wanted))}`;
}

function marginProblems(input: FitInput): FitProblem[] {
  const configured = input.marginSeconds;
  const half = input.lifetimeSeconds / 2;
  if (configured === undefined || configured <= half) return [];
  return [
    {
      level: 'warning',
      field: 'marginSeconds',
      message: `marginSeconds is ${text(configured)}, more than half of a lifetime of ${text(input.lifetimeSeconds)} s; ${text(half)} s is used`,
      remedy: `set marginSeconds to at most ${text(Math.floor(half))}`,
    },
  ];
}

/** Two ticks and a refresh: how long a reader may still pick up the old token after the margin began. */
const safeAge = (limits: FitLimits) => 2 * limits.tickSeconds + limits.refreshSeconds;

const leastInterval = (limits: FitLimits) => limits.minIntervalSeconds + limits.tickSeconds;

/** The shortest lifetime, in whole seconds, that has `cycle` before this margin, or before the default one. */
function leastLifetime(cycle: number, configured: number | undefined): number {
  let least = Math.ceil(cycle);
  while (least - marginSeconds(least, configured) < cycle) least += 1;
  return least;
}

const text = (seconds: number) => String(Math.round(seconds * 10) / 10);

/** The margin of long-lived tokens is at least this where a connection does not set one. */
const LEAST_SECONDS = 600;

/**
 * How long before its expiry a token is replaced, in seconds: what the connection sets, else
 * max(600, lifetime / 10); never more than half the lifetime, so that a short-lived token, or a clock
 * that is off, cannot lead to a refresh in a loop. May be a fraction.
 */
export function marginSeconds(lifetimeSeconds: number, configured?: number): number {
  return Math.min(lifetimeSeconds / 2, configured ?? Math.max(LEAST_SECONDS, lifetimeSeconds / 10));
}
