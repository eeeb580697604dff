import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';

const MOST_NAMES = 8;

/**
 * The value, which must be there and not empty. It is not trimmed.
 * @param unread names of what is there besides, in whose place it may have been meant
 * @throws TokenError `configuration`, code `missing_<field>`; its message names the field, never the value
 */
export function required<Value extends string | Secret>(
  value: Value | undefined,
  field: string,
  wantedBy: string,
  unread: readonly string[] = [],
): Value {
  const length = value instanceof Secret ? value.byteLength : value?.length;
  if (value === undefined || length === 0) {
    throw new TokenError(
      'configuration',
      `missing_${field}`,
      `"${field}" is missing or empty; ${wantedBy} needs it.${found(unread, field)}`,
    );
  }
  return value;
}

function found(unread: readonly string[], field: string): string {
  if (unread.length === 0) return '';
  const names = unread.slice(0, MOST_NAMES).map((name) => `"${name}"`);
  return ` Found and not read: ${names.join(', ')}. If one of them is meant, call it "${field}".`;
}
