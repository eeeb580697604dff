import { Secret } from '../oauth/secret.ts';
import { StoreError } from '../refresh/ports/stores.ts';

/** The `schema` that everything stored carries; unknown fields may be added within one. */
export const SCHEMA = 1;

/**
 * `"1"` is 1: the console's key/value editor knows no numbers. `newest`: the newest schema that is known there.
 * @throws StoreError `malformed` for content of a newer schema, which this version must not rewrite: code
 *   `NewerSchema`
 */
export function refuseNewerSchema(schema: unknown, where: string, newest: number = SCHEMA): void {
  if (schema === undefined) return;
  const version = typeof schema === 'number' ? schema : writtenNumber(schema);
  if (version !== undefined && Number.isInteger(version) && version >= SCHEMA && version <= newest) return;
  if (version !== undefined && version > newest) {
    throw new StoreError(
      'malformed',
      'NewerSchema',
      `${where} has schema ${version}, and this version of Evertoken knows ${newest}: update it`,
    );
  }
  throw malformed(where, `has a "schema" that is not ${SCHEMA}`);
}

/** An error that says what is wrong with a stored value, without the value. */
export function malformed(where: string, problem: string): StoreError {
  return new StoreError('malformed', 'MalformedValue', `${where} ${problem}`);
}

/** The number that a text holds in plain digits; `undefined` for anything else. */
export function writtenNumber(value: unknown): number | undefined {
  const text = value instanceof Secret ? value.reveal() : value;
  return typeof text === 'string' && /^\s*\d{1,15}(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
