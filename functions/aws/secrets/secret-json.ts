import { Secret } from '../../oauth/secret.ts';
import { malformed, writtenNumber } from '../stored-schema.ts';

/** The fields of a secret's JSON. Every string in it, however deep, is wrapped. */
export type SecretFields = Readonly<Record<string, unknown>>;

/**
 * Parses the value of a secret; `where` names it in errors.
 * @param expected what should be there, as the error says it
 * @throws StoreError `malformed` when it is not a JSON object. The message shows nothing of the content.
 */
export function parseSecretJson(text: Secret, where: string, expected = 'a JSON object'): SecretFields {
  const read = readSecretJson(text);
  if ('fields' in read) return read.fields;
  throw malformed(where, `is ${read.problem}; expected ${expected}`);
}

/** What a text turned out to be: an object, or the words for what it is instead. */
export type ReadSecret =
  | { readonly fields: SecretFields }
  | { readonly problem: string /** The string that the JSON is. */; readonly string?: Secret };

/** Looks past a byte-order mark and white space around the JSON, which editors and shells leave there. */
export function readSecretJson(text: Secret): ReadSecret {
  const trimmed = text.reveal().trim();
  if (trimmed === '') return { problem: 'empty' };
  let value: unknown;
  try {
    value = JSON.parse(trimmed, wrap);
  } catch (error) {
    return { problem: notJson(trimmed, error as Error) };
  }
  if (value instanceof Secret) return { problem: 'a plain string', string: value };
  if (value === null) return { problem: 'null' };
  if (Array.isArray(value)) return { problem: 'a JSON array' };
  if (typeof value === 'object' && !exactJson.isRawJSON(value)) return { fields: { ...value } };
  return { problem: typeof value === 'boolean' ? 'a boolean' : 'a number' };
}

/** The parser's own message quotes what it read: only what kind of mistake it is goes on. */
function notJson(text: string, { message }: Error): string {
  if (!/^[{[]/.test(text)) return 'a plain string';
  return /control character/i.test(message)
    ? 'JSON with a raw line break or tab inside a string, where \\n or \\t must stand'
    : 'no valid JSON';
}

// Node has it; TypeScript's library does not name it yet.
const exactJson = JSON as typeof JSON & {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

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

/**
 * The field as a number, also where it is written as a string, since the console's key/value editor knows
 * nothing else; `undefined` when it is absent, null or empty. @throws StoreError `malformed`
 */
export function numberField(fields: SecretFields, key: string, where: string): number | undefined {
  const value = fields[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  if (value instanceof Secret && value.reveal().trim() === '') return undefined;
  const written = writtenNumber(value);
  if (written === undefined) throw malformed(where, `"${key}" must be a number`);
  return written;
}
