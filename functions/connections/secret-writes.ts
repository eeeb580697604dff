import { declaredPlace, lifetimeSecondsOf, spendsRefreshToken } from './check-connection.ts';
import type { Connection } from './connection.ts';
import { type FitInput, marginSeconds, refreshIntervalSeconds } from './fit.ts';
import { FIT_LIMITS, type FitLimits } from './fit-limits.ts';
import type { ProviderPreset } from './provider-preset.ts';
import { RFC_PRESET } from './resolve-connection.ts';
import { SECRET_WRITES_PER_SECOND } from './secret-pace.ts';

/** The most that may be said: what Secrets Manager takes of everybody in an account and Region. */
const MOST_PER_SECOND = 50;
/** So much of its pace a tick that is behind keeps up, from one tick to the next. `npm run bench -- pace` measures it. */
export const KEPT_PACE = 0.9;

/** Sums of fractions that should be whole are not quite. */
const ROUNDING = 1e-6;

/** What the refreshes of one connection ask of the pace of secret writes. */
export interface SecretLoad {
  /** Of one refresh: the token, and of a refresh token that rotates its proof and its successor. */
  readonly writes: number;
  /** Between two refreshes on average, seconds. */
  readonly everySeconds: number;
  /** From due to expired, seconds. */
  readonly marginSeconds: number;
}

/** What of a fleet does not fit its pace. */
export interface TooManySecretWrites {
  /** A clause, with the arithmetic. */
  readonly message: string;
  /** What to change, with its ways out. */
  readonly remedy: string;
}

/** What a fleet asks of its pace. */
export interface FleetFit {
  /** Connections whose refreshes write secrets. */
  readonly connections: number;
  /** Writes a second in the long run. */
  readonly perSecond: number;
  /** How long it takes until all are fresh that are due at once, seconds. */
  readonly backlogSeconds: number;
  /** The shortest margin, seconds. */
  readonly marginSeconds: number;
  /** Beyond so many connections like these, tokens are late in the long run; and when all are due at once. */
  readonly most: { readonly steady: number; readonly atOnce: number };
}

/** Of tokens of one lifetime. */
export function secretLoad(
  input: Pick<
    FitInput,
    'lifetimeSeconds' | 'marginSeconds' | 'earliestRefreshSeconds' | 'spendsRefreshToken' | 'place'
  >,
  limits: FitLimits = FIT_LIMITS,
): SecretLoad {
  const { lifetimeSeconds, marginSeconds: configured, earliestRefreshSeconds } = input;
  const least = refreshIntervalSeconds(input, limits);
  return {
    writes: (input.place === 'parameter' ? 0 : 1) + (input.spendsRefreshToken ? 2 : 0),
    // Jitter takes half of its share on average.
    everySeconds: (least / (1 - limits.jitterShare)) * (1 - limits.jitterShare / 2),
    marginSeconds: marginSeconds(lifetimeSeconds, configured, earliestRefreshSeconds),
  };
}

/** The same of a connection, as far as is declared. */
export function declaredSecretLoad(
  connection: Connection,
  preset: ProviderPreset = RFC_PRESET,
  limits: FitLimits = FIT_LIMITS,
): SecretLoad {
  return secretLoad(
    {
      lifetimeSeconds: lifetimeSecondsOf(connection, preset),
      marginSeconds: connection.marginSeconds,
      earliestRefreshSeconds: preset.accessToken.earliestRefreshSeconds,
      spendsRefreshToken: spendsRefreshToken(connection, preset),
      place: declaredPlace(connection, preset, limits),
    },
    limits,
  );
}

/**
 * How a fleet stands to its pace. At the default of 20 a second and `KEPT_PACE`, with tokens of an hour, whose margin
 * is 600 s and which are refreshed every 2,850 s: 51,300 connections with client credentials in the long run, 17,100
 * with a refresh token that rotates, which writes three times; and, all due at once as after an outage,
 * (600 − 30) × 18 = 10,260 and 3,420.
 * @returns `undefined` where no refresh writes a secret
 */
export function fleetFit(
  loads: readonly SecretLoad[],
  perSecond: number = SECRET_WRITES_PER_SECOND,
  { refreshSeconds }: FitLimits = FIT_LIMITS,
): FleetFit | undefined {
  const writing = loads.filter(({ writes }) => writes > 0);
  if (writing.length === 0) return undefined;
  const kept = perSecond * KEPT_PACE;
  const needed = writing.reduce((sum, { writes, everySeconds }) => sum + writes / everySeconds, 0);
  const atOnce = writing.reduce((sum, { writes }) => sum + writes, 0);
  const margin = writing.reduce((least, each) => Math.min(least, each.marginSeconds), Infinity);
  const timeSeconds = Math.max(0, margin - refreshSeconds);
  return {
    connections: writing.length,
    perSecond: needed,
    backlogSeconds: refreshSeconds + atOnce / kept,
    marginSeconds: margin,
    most: {
      steady: whole((writing.length * kept) / needed),
      atOnce: whole((writing.length * kept * timeSeconds) / atOnce),
    },
  };
}

/**
 * What is foreseen of a fleet that is too large for its pace: tokens that are late for ever, or else those that are
 * when all are due at once.
 */
export function tooManySecretWrites(
  fit: FleetFit,
  perSecond: number = SECRET_WRITES_PER_SECOND,
): TooManySecretWrites | undefined {
  const { connections, most } = fit;
  if (connections > most.steady) {
    return {
      message:
        `${amount(connections)} connections would need ${upward(fit.perSecond / KEPT_PACE)} writes of secrets a second, and ` +
        `the pace is ${perSecond} (secretWritesPerSecond): tokens expire before they are replaced beyond ` +
        `${amount(most.steady)} connections like these`,
      remedy: remedy(perSecond, 'have the provider issue tokens that live longer'),
    };
  }
  if (connections <= most.atOnce) return undefined;
  return {
    message:
      `were all ${amount(connections)} connections due at once, as after an outage, the last would be fresh after ` +
      `${amount(fit.backlogSeconds)} s with secretWritesPerSecond ${perSecond}, and the shortest margin is ${amount(fit.marginSeconds)} s: tokens ` +
      `expire before they are replaced beyond ${amount(most.atOnce)} connections like these`,
    remedy: remedy(perSecond, 'set marginSeconds higher'),
  };
}

function remedy(perSecond: number, other: string): string {
  const faster =
    perSecond < MOST_PER_SECOND
      ? [
          `set secretWritesPerSecond higher, to at most ${MOST_PER_SECOND}, which is the account's for everybody`,
        ]
      : [];
  return [...faster, other, 'deploy the rest in another Region or account'].join(', or ');
}

const whole = (count: number) => Math.floor(count + ROUNDING);

const amount = (count: number) => Math.round(count).toLocaleString('en-US');

/** To one decimal, and never to what would fit. */
const upward = (writes: number) => String(Math.ceil(writes * 10) / 10);
