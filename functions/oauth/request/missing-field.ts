import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';

/**
 * The value, which must be there and not empty. It is not trimmed.
 * @throws TokenError `configuration`, code `missing_<field>`; its message names the field, never the value
 */
export function required<Value extends string | Secret>(
  value: Value | undefined,
  field: string,
  wantedBy: string,
): Value {
  const empty = value instanceof Secret ? value.byteLength === 0 : !value;
  if (value === undefined || empty) {
    throw new TokenError(
      'configuration',
      `missing_${field}`,
      `"${field}" is missing or empty; ${wantedBy} needs it.`,
    );
  }
  return value;
}
