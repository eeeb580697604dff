import { Secret } from '../../oauth/secret.ts';
import { malformed } from '../stored-schema.ts';

/** The fields of a secret's JSON. Every string in it, however deep, is wrapped. */
export type SecretFields = Readonly<Record<string, unknown>>;

/**
 * Parses the value of a secret; `where` names it in errors.
 * @throws StoreError `malformed` when it is not a JSON object. The message shows nothing of the content.
 */
export function parseSecretJson(text: Secret, where: string): SecretFields {
  let value: unknown;
  try {
    value = JSON.parse(text.reveal(), wrap);
  } catch {
    // The parser's message quotes what it read.
    throw malformed(where, 'does not hold JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Secret) {
    throw malformed(where, 'does not hold a JSON object');
  }
  return { ...value };
}

// Node has it; TypeScript's library does not name it yet.
const exactJson = JSON as typeof JSON & { rawJSON(text: string): unknown };

/** A reviver. A whole number beyond what JavaScript counts exactly keeps its digits for the way back. */
function wrap(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  if (typeof value === 'string') return new Secret(value);
  const inexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return inexact && source !== undefined ? exactJson.rawJSON(source) : value;
}

/** Writes fields as JSON, in their order, with every Secret revealed; `undefined` fields are left out. */
export function serialiseSecretJson(fields: SecretFields): Secret {
  return new Secret(
    // JSON.stringify calls a Secret's toJSON before the replacer sees it: the holder still has the original.
    JSON.stringify(fields, function (this: Record<string, unknown>, key, value) {
      const original = this[key];
      return original instanceof Secret ? original.reveal() : value;
    }),
  );
}

/** The field as a secret; `undefined` when it is absent, null or empty. @throws StoreError `malformed` */
export function secretField(fields: SecretFields, key: string, where: string): Secret | undefined {
  const value = fields[key];
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof Secret)) throw malformed(where, `"${key}" must be a string`);
  return value.byteLength === 0 ? undefined : value;
}

/** The field as a number; `undefined` when it is absent or null. @throws StoreError `malformed` */
export function numberField(fields: SecretFields, key: string, where: string): number | undefined {
  const value = fields[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw malformed(where, `"${key}" must be a number`);
  return value;
}
