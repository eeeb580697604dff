import { StoreError } from '../refresh/ports/stores.ts';

/** The `schema` that everything stored carries; unknown fields may be added within one. */
export const SCHEMA = 1;

/** @throws StoreError `malformed` for content of a newer schema, which this version must not rewrite. */
export function refuseNewerSchema(schema: unknown, where: string): void {
  if (schema === undefined || schema === SCHEMA) return;
  if (typeof schema === 'number' && schema > SCHEMA) {
    throw malformed(where, `has schema ${schema}, and this version of Evertoken knows ${SCHEMA}: update it`);
  }
  throw malformed(where, `has a "schema" that is not ${SCHEMA}`);
}

/** An error that says what is wrong with a stored value, without the value. */
export function malformed(where: string, problem: string): StoreError {
  return new StoreError('malformed', 'MalformedValue', `${where} ${problem}`);
}
