import type { ResponseRules } from './endpoint-rules.ts';

/** 68 years: what is longer is a mistake, or a way to say "never", which nobody should rely on. */
const MAX_SECONDS = 2 ** 31 - 1;

/**
 * A lifetime as an answer gives it, as a number or as a decimal string. Zero (which some providers use for
 * "never"), negative numbers and anything else are no lifetime: acting on them would refresh in a loop.
 * @returns whole seconds, at least 1; `undefined` when there is nothing usable
 */
export function lifetimeSeconds(value: unknown, unit: ResponseRules['expiresInUnit']): number | undefined {
  const amount = decimal(value);
  return amount === undefined ? undefined : usable(unit === 'milliseconds' ? amount / 1000 : amount);
}

/**
 * The lifetime that an instant leaves: ISO 8601 with a zone, or epoch seconds.
 * @param now epoch milliseconds
 */
export function lifetimeUntil(value: unknown, now: number): number | undefined {
  const epochSeconds =
    decimal(value) ??
    (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\S+(Z|[+-]\d\d:?\d\d)$/.test(value)
      ? Date.parse(value) / 1000
      : Number.NaN);
  return usable(epochSeconds - now / 1000);
}

function decimal(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function usable(seconds: number): number | undefined {
  const whole = Math.floor(seconds);
  return whole >= 1 && whole <= MAX_SECONDS ? whole : undefined;
}
