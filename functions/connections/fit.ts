import { FIT_LIMITS, type FitLimits } from './fit-limits.ts';
import { intervalRemedy, type Leeway, readerRemedy, text } from './fit-remedies.ts';

/** What decides whether a connection can be kept fresh. All in seconds. */
export interface FitInput {
  /** Lifetime of an access token. */
  readonly lifetimeSeconds: number;
  /** The connection's own margin. Default: see `marginSeconds`. */
  readonly marginSeconds?: number | undefined;
  /** For how long readers cache a token; 0 for readers that do not. Default 300. */
  readonly readerCacheSeconds?: number | undefined;
  /** Whether a refresh may spend a refresh token: its secrets are then written as often as the token. Default false. */
  readonly spendsRefreshToken?: boolean | undefined;
  /** Where the token is published. Default `secret`. */
  readonly place?: 'secret' | 'parameter' | undefined;
  /** Whether the token may go to a parameter where its secret is too slow. Default false. */
  readonly mayMove?: boolean | undefined;
  /** How long before the expiry the provider gives another token at the earliest. Default: at any time. */
  readonly earliestRefreshSeconds?: number | undefined;
  /** A refresh token dies when it is not used for this long. Default: never. */
  readonly refreshTokenInactivitySeconds?: number | undefined;
}

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
 * **Parameters.** A parameter has no such quota: Parameter Store drops its oldest versions by itself. There two
 * refreshes need only be two ticks apart, so that one that fails can be tried again: with the default margin of half a
 * short lifetime, 0.9 × lifetime / 2 ≥ 120, hence lifetime ≥ 267 s. A refresh token that rotates with such a token goes
 * round in up to eight secrets, of which each takes one write in 960 s: one in 120 s in all, which is no narrower. What
 * a parameter shares with the whole account is throughput, which is counted over all connections
 * (`parameterWritesPerSecond`).
 *
 * **Readers.** One that caches for `readerCacheSeconds` is safe when margin ≥ cache + 150 s: the refresh
 * starts up to one tick late, may take one tick more to get its turn, and lasts 30 s; until then the
 * reader may have cached the old token. Less is an error. To survive one failed try takes two ticks more,
 * cache + 270 s; less is a warning, since only a failure makes it matter.
 *
 * **Wake-ups.** What is declared for a parameter is woken to the second, by a message that is delayed until it is due:
 * margin ≥ cache + 45 s, of which 15 s are for a message that is late and 30 s for the refresh. One failed try costs a
 * wait of up to 30 s and the same once more: cache + 120 s. So a token of 300 s, whose margin is 150 s, bears a cache
 * of 105 s, and one of 30 s without a warning. A message is delayed by 900 s at most: where lifetime − margin is more,
 * the two ticks count. Three settings move all this: margin and cache, `publishTo`, and the lifetime at the provider.
 */
export function fit(input: FitInput, limits: FitLimits = FIT_LIMITS): FitProblem[] {
  return [...intervalProblems(input, limits), ...readerProblems(input, limits), ...marginProblems(input)];
}

/** Whether the secret of a token can be written as often as tokens of this lifetime ask for. */
export function fitsSecret(input: FitInput, limits: FitLimits = FIT_LIMITS): boolean {
  return refreshIntervalSeconds(input, limits) >= leastInterval({ place: 'secret' }, limits);
}

/** The least time between two refreshes, jitter included, in seconds. May be a fraction. */
export function refreshIntervalSeconds(
  {
    lifetimeSeconds,
    marginSeconds: configured,
    earliestRefreshSeconds,
  }: Pick<FitInput, 'lifetimeSeconds' | 'marginSeconds' | 'earliestRefreshSeconds'>,
  limits: FitLimits = FIT_LIMITS,
): number {
  const margin = marginSeconds(lifetimeSeconds, configured, earliestRefreshSeconds);
  return (lifetimeSeconds - margin) * (1 - limits.jitterShare);
}

function intervalProblems(input: FitInput, limits: FitLimits): FitProblem[] {
  const lifetime = input.lifetimeSeconds;
  const margin = marginSeconds(lifetime, input.marginSeconds, input.earliestRefreshSeconds);
  const least = leastInterval(input, limits);
  const interval = refreshIntervalSeconds(input, limits);
  const what = input.spendsRefreshToken ? 'the secrets of the token and of its refresh token' : 'its secret';
  const problems: FitProblem[] = [];
  if (interval < least) {
    problems.push({
      level: 'error',
      field: input.marginSeconds === undefined ? 'defaultLifetimeSeconds' : 'marginSeconds',
      message:
        `a token that lives ${text(lifetime)} s with a margin of ${text(margin)} s would be refreshed every ` +
        `${text(interval)} s, ${
          input.place === 'parameter'
            ? `and a try that fails needs another in time: ${limits.parameterTicks} ticks, ${text(least)} s`
            : `and ${what} would be written as often; Secrets Manager keeps all versions of a ` +
              `day and takes one write in ${text(limits.minIntervalSeconds)} s and a tick, ${text(least)} s`
        }`,
      remedy: intervalRemedy(leewayOf(input, limits), {
        mayMove: mayMove(input, limits),
        leastLifetime: leastLifetime(least / (1 - limits.jitterShare), input.marginSeconds),
      }),
    });
  }
  const leastOfSecret = leastInterval(input, limits);
  const inactivity = input.refreshTokenInactivitySeconds;
  if (inactivity !== undefined && inactivity < lifetime) {
    const keepAlive = inactivity - marginSeconds(inactivity);
    if (keepAlive < leastOfSecret) {
      problems.push({
        level: 'error',
        field: 'defaultLifetimeSeconds',
        message:
          `the refresh token dies when it is not used for ${text(inactivity)} s, so it would be used every ` +
          `${text(keepAlive)} s; Secrets Manager takes one write in ${text(leastOfSecret)} s`,
        remedy: [
          ...(input.mayMove && input.place !== 'parameter' ? ['set "publishTo" to "parameter"'] : []),
          `have the provider keep unused refresh tokens for at least ${text(leastLifetime(leastOfSecret, undefined))} s`,
          'use client_credentials',
        ].join(', or '),
      });
    }
  }
  return problems;
}

function readerProblems(input: FitInput, limits: FitLimits): FitProblem[] {
  const lifetime = input.lifetimeSeconds;
  const margin = marginSeconds(lifetime, input.marginSeconds, input.earliestRefreshSeconds);
  const cache = input.readerCacheSeconds ?? limits.readerCacheSeconds;
  const safe = cache + safeAge(input, limits);
  const sturdy = safe + retryAge(input, limits);
  if (margin >= sturdy) return [];
  const { earliestRefreshSeconds: earliest = Infinity } = input;
  // No setting widens what the provider allows: it is used all the same, and readers bear it.
  if (earliest < safeAge(input, limits)) {
    return [
      {
        level: 'warning',
        field: 'readerCacheSeconds',
        message: `the provider gives another token only in the last ${text(earliest)} s of one, so that a reader may use an expired token for a moment, whatever it caches`,
        remedy: 'have readers read the secret again on a 401, as evertoken/reader does',
      },
    ];
  }
  const unsafe = margin < safe;
  return [
    {
      level: unsafe ? 'error' : 'warning',
      field: input.marginSeconds === undefined ? 'readerCacheSeconds' : 'marginSeconds',
      message: unsafe
        ? `a reader that caches for ${text(cache)} s could use an expired token: the margin is ` +
          `${text(margin)} s and would have to be at least ${text(safe)} s (the cache, ${isWoken(input, limits) ? 'a late wake-up' : 'two ticks'} and a refresh)`
        : `one failed refresh could leave a reader that caches for ${text(cache)} s with an expired token: ` +
          `the margin is ${text(margin)} s, and ${text(sturdy)} s would survive it`,
      remedy: readerRemedy(leewayOf(input, limits), { margin, earliest, wanted: unsafe ? safe : sturdy }),
    },
  ];
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

function leewayOf(input: FitInput, limits: FitLimits): Leeway {
  return {
    lifetime: input.lifetimeSeconds,
    cycle: leastInterval(input, limits) / (1 - limits.jitterShare),
    safeAge: safeAge(input, limits),
    cache: input.readerCacheSeconds ?? limits.readerCacheSeconds,
  };
}

/** Whether a queue brings each refresh in time, in place of the tick. */
function isWoken(input: FitInput, { wakeUpAheadSeconds }: FitLimits): boolean {
  const { lifetimeSeconds: lifetime, marginSeconds: configured, earliestRefreshSeconds } = input;
  if (input.place !== 'parameter') return false;
  return lifetime - marginSeconds(lifetime, configured, earliestRefreshSeconds) <= wakeUpAheadSeconds;
}

/** How long a reader may still pick up the old token after the margin began: until a refresh begins, and for it. */
function safeAge(input: FitInput, limits: FitLimits): number {
  const { tickSeconds, wakeUpSeconds, refreshSeconds } = limits;
  return (isWoken(input, limits) ? wakeUpSeconds : 2 * tickSeconds) + refreshSeconds;
}

/** What one failed try adds to that. */
function retryAge(input: FitInput, limits: FitLimits): number {
  return isWoken(input, limits) ? limits.retrySeconds + safeAge(input, limits) : 2 * limits.tickSeconds;
}

/** Whether a parameter would take what the secret does not. */
function mayMove(input: FitInput, limits: FitLimits): boolean {
  const { mayMove = false, place, lifetimeSeconds, earliestRefreshSeconds } = input;
  if (!mayMove || place === 'parameter') return false;
  const margin = marginSeconds(lifetimeSeconds, input.marginSeconds, earliestRefreshSeconds);
  const least = leastInterval({ ...input, place: 'parameter' }, limits);
  return (lifetimeSeconds - margin) * (1 - limits.jitterShare) >= least;
}

function leastInterval(
  { place, spendsRefreshToken = false }: Pick<FitInput, 'place' | 'spendsRefreshToken'>,
  limits: FitLimits,
): number {
  const ofSecret = limits.minIntervalSeconds + limits.tickSeconds;
  if (place !== 'parameter') return ofSecret;
  const ofParameter = limits.parameterTicks * limits.tickSeconds;
  return spendsRefreshToken ? Math.max(ofParameter, ofSecret / limits.secretsInTurn) : ofParameter;
}

/** The shortest lifetime, in whole seconds, that has `cycle` before this margin, or before the default one. */
function leastLifetime(cycle: number, configured: number | undefined): number {
  let least = Math.ceil(cycle);
  while (least - marginSeconds(least, configured) < cycle) least += 1;
  return least;
}

/**
 * How long before its expiry a token is replaced, in seconds: what the connection sets, else
 * max(600, lifetime / 10); never more than half the lifetime, so that a short-lived token, or a clock
 * that is off, cannot lead to a refresh in a loop. May be a fraction.
 * @param earliest how long before the expiry the provider gives another token at the earliest, seconds
 */
export function marginSeconds(lifetimeSeconds: number, configured?: number, earliest = Infinity): number {
  const wanted = configured ?? Math.max(600, lifetimeSeconds / 10);
  return Math.min(lifetimeSeconds / 2, wanted, earliest);
}
