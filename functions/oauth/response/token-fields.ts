import type { ResponseRules } from '../endpoint-rules.ts';
import { Secret } from '../secret.ts';
import type { TokenSet } from '../token-set.ts';
import { field, fieldAt, type ResponseFields } from './response-body.ts';

const TOKENS = ['access_token', 'refresh_token', 'id_token'] as const;

/** The provider's name for a field. */
export function fieldName(name: string, rules: ResponseRules): string {
  return (Object.hasOwn(rules.fields, name) ? rules.fields[name] : undefined) ?? name;
}

/** A lifetime in seconds, for those whose `expires_in` has another unit. */
const EXPIRES_IN_SECONDS = ['expires_in_sec', 'expires_in_seconds'];
/** The remaining lifetime of the refresh token, as Keycloak, Microsoft, Intuit and others have it. */
const REFRESH_TOKEN_EXPIRES_IN = [
  'refresh_token_expires_in',
  'refresh_expires_in',
  'x_refresh_token_expires_in',
];

/**
 * Reads the fields of a success, RFC 6749 section 5.1. Absent, null and empty are the same; so is a value
 * of a type that the field cannot have, or an access token that could not stand in a header (appendix A.12).
 * @param requestedAt epoch milliseconds: where lifetimes count from
 */
export function readTokenSet(fields: ResponseFields, rules: ResponseRules, requestedAt: number): TokenSet {
  const read = (name: string) => fieldAt(fields, fieldName(name, rules));
  const accessToken = token(read('access_token'));
  const refreshToken = token(read('refresh_token'));
  const idToken = secret(read('id_token'));
  const granted = scope(read('scope'));
  const saidInSeconds = firstLifetime(fields, EXPIRES_IN_SECONDS);
  const expiresIn =
    saidInSeconds ??
    lifetimeSeconds(read('expires_in'), rules.expiresInUnit) ??
    lifetimeUntil(named(fields, rules.expiresAtField), requestedAt, rules.expiresAtUnit);
  const refreshField = named(fields, rules.refreshTokenExpiresInField);
  const refreshTokenExpiresIn =
    lifetimeSeconds(refreshField, rules.expiresInUnit) ?? firstLifetime(fields, REFRESH_TOKEN_EXPIRES_IN);
  return {
    ...(accessToken && isHeaderText(accessToken) && { access_token: accessToken }),
    token_type: tokenType(read('token_type')),
    ...(refreshToken && { refresh_token: refreshToken }),
    ...(idToken && { id_token: idToken }),
    ...(granted !== undefined && { scope: granted }),
    ...(expiresIn !== undefined && { expiresInSeconds: expiresIn }),
    ...(saidInSeconds !== undefined && read('expires_in') !== undefined && { expiresInMilliseconds: true }),
    // Zero means that it has no end of its own.
    ...(refreshTokenExpiresIn && { refreshTokenExpiresInSeconds: refreshTokenExpiresIn }),
    extras: extras(fields, rules),
  };
}

/** The tokens of an answer, which even one that is an error may hold. */
export function tokensIn(fields: ResponseFields, rules: ResponseRules): readonly Secret[] {
  return TOKENS.map((name) => secret(fieldAt(fields, fieldName(name, rules)))).filter(
    (token) => token !== undefined,
  );
}

/** A token without the line breaks that a gateway left at its ends. */
function token(value: unknown): Secret | undefined {
  return typeof value === 'string' ? secret(value.replace(/^[\r\n]+|[\r\n]+$/g, '')) : undefined;
}

function isHeaderText(value: Secret): boolean {
  return /^[\x20-\x7e]+$/.test(value.reveal());
}

/** The first of these fields that holds a lifetime, in seconds. */
function firstLifetime(fields: ResponseFields, names: readonly string[]): number | undefined {
  return names.map((name) => lifetimeSeconds(field(fields, name))).find((value) => value !== undefined);
}

function named(fields: ResponseFields, name: string | undefined): unknown {
  return name === undefined ? undefined : fieldAt(fields, name);
}

function secret(value: unknown): Secret | undefined {
  return typeof value === 'string' && value !== '' ? new Secret(value) : undefined;
}

/** Some providers omit it, or write prose; what could not stand in a header is taken for an omission. */
function tokenType(value: unknown): string {
  return typeof value === 'string' && /^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(value) ? value : 'Bearer';
}

/**
 * Space-delimited (RFC 6749 section 3.3), from a string, a comma-separated string or an array. Empty values and
 * those with characters that no scope can have are left out.
 */
function scope(value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.filter((each) => typeof each === 'string').join(' ') : value;
  if (typeof text !== 'string') return undefined;
  const values = text.split(/[\s,]/).filter((each) => /^[\x21-\x7e]+$/.test(each));
  return values.length === 0 ? undefined : values.join(' ');
}

function extras(fields: ResponseFields, rules: ResponseRules): TokenSet['extras'] {
  const never = new Set(TOKENS.flatMap((name) => [name, fieldName(name, rules)]));
  return Object.fromEntries(
    rules.extras.flatMap((name) => {
      const value = field(fields, name);
      const primitive = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      return primitive && !never.has(name) ? [[name, value]] : [];
    }),
  );
}

/** 68 years: what is longer is a mistake, or a way to say "never", which nobody should rely on. */
const MAX_SECONDS = 2 ** 31 - 1;

/**
 * A lifetime as an answer gives it, as a number or as a decimal string. Negative numbers and anything else are
 * no lifetime; zero is one, which some providers use for "never": whoever decides must not act on it in a loop.
 * @param unit of the number. Default `seconds`
 * @returns whole seconds, at least 0; `undefined` when there is nothing usable
 */
export function lifetimeSeconds(value: unknown, unit?: ResponseRules['expiresInUnit']): number | undefined {
  const amount = decimal(value) ?? Number.NaN;
  return usable(inSeconds(amount, unit));
}

/** Divided, not multiplied by a fraction: 2,999,000 ms are 2,999 s. */
function inSeconds(amount: number, unit: ResponseRules['expiresInUnit'] = 'seconds'): number {
  if (unit === 'milliseconds') return amount / 1000;
  return unit === 'minutes' ? amount * 60 : amount;
}

/**
 * The lifetime that an instant leaves: ISO 8601 with a zone, or a number since the epoch.
 * @param now epoch milliseconds
 * @param unit of a number. Default `seconds`
 */
export function lifetimeUntil(
  value: unknown,
  now: number,
  unit?: ResponseRules['expiresAtUnit'],
): number | undefined {
  const amount = decimal(value);
  const epochSeconds =
    (amount === undefined ? undefined : inSeconds(amount, unit)) ??
    (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\S+(Z|[+-]\d\d:?\d\d)$/.test(value)
      ? Date.parse(value) / 1000
      : Number.NaN);
  const left = usable(epochSeconds - now / 1000);
  return left === 0 ? undefined : left;
}

function decimal(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** `NaN` is no lifetime either. */
function usable(seconds: number): number | undefined {
  const whole = Math.floor(seconds);
  return whole >= 0 && whole <= MAX_SECONDS ? whole : undefined;
}
