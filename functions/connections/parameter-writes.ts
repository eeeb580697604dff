import { declaredPlace, lifetimeSecondsOf } from './check-connection.ts';
import type { Connection } from './connection.ts';
import { type FitInput, refreshIntervalSeconds } from './fit.ts';
import { FIT_LIMITS, type FitLimits } from './fit-limits.ts';
import { PARAMETER_WRITES_PER_SECOND } from './parameter-pace.ts';
import type { ProviderPreset } from './provider-preset.ts';
import { RFC_PRESET } from './resolve-connection.ts';

/** The same where Parameter Store's higher throughput is turned on. */
const WITH_HIGHER_THROUGHPUT = 10;

/** Sums of fractions that should be whole are not quite. */
const ROUNDING = 1e-9;

/** What a fleet asks of Parameter Store that does not fit. */
export interface TooManyWrites {
  /** A clause, with the arithmetic. */
  readonly message: string;
  /** What to change, with its ways out. */
  readonly remedy: string;
}

/** Writes of parameters a second for tokens of one lifetime: one for each refresh. */
export function parameterWrites(
  input: Pick<FitInput, 'lifetimeSeconds' | 'marginSeconds' | 'earliestRefreshSeconds'>,
  limits: FitLimits = FIT_LIMITS,
): number {
  return 1 / refreshIntervalSeconds(input, limits);
}

/** The same of a connection, as far as is declared; 0 where its token goes to a secret. */
export function declaredParameterWrites(
  connection: Connection,
  preset: ProviderPreset = RFC_PRESET,
  limits: FitLimits = FIT_LIMITS,
): number {
  if (declaredPlace(connection, preset, limits) === 'secret') return 0;
  const { marginSeconds } = connection;
  const { earliestRefreshSeconds } = preset.accessToken;
  const lifetimeSeconds = lifetimeSecondsOf(connection, preset);
  return parameterWrites({ lifetimeSeconds, marginSeconds, earliestRefreshSeconds }, limits);
}

/**
 * Whether the connections of a deployment together write more often than Parameter Store takes it. A token that is
 * refreshed every 135 s is 1 / 135 of a write a second, so that 405 of them are the 3 that every account has.
 * @param writes a second, by connection; 0 for a token in a secret
 * @param perSecond what the deployment may take of the account's
 */
export function tooManyParameterWrites(
  writes: readonly number[],
  perSecond: number = PARAMETER_WRITES_PER_SECOND,
): TooManyWrites | undefined {
  const needed = writes.reduce((sum, one) => sum + one, 0);
  if (needed <= perSecond + ROUNDING) return undefined;
  const count = writes.filter((one) => one > 0).length;
  return {
    message:
      `this deployment would need ${upward(needed)} writes a second, and Parameter Store takes ${perSecond} ` +
      `(parameterWritesPerSecond) for the ${count} tokens that go to parameters`,
    remedy: [
      'have the provider issue tokens that live longer',
      'set marginSeconds lower, and readerCacheSeconds by as much, so that tokens are refreshed less often',
      ...higher(perSecond),
    ].join(', or '),
  };
}

function higher(perSecond: number): string[] {
  if (perSecond >= WITH_HIGHER_THROUGHPUT) return ['deploy the rest in another Region or account'];
  const usual = perSecond < PARAMETER_WRITES_PER_SECOND ? `${PARAMETER_WRITES_PER_SECOND}, or to ` : '';
  return [
    `set parameterWritesPerSecond to ${usual}${WITH_HIGHER_THROUGHPUT} where Parameter Store's higher throughput is turned on, which is the account's and makes each call cost`,
  ];
}

/** To one decimal, and never to what would fit. */
const upward = (writes: number) => String(Math.ceil(writes * 10 - ROUNDING) / 10);
