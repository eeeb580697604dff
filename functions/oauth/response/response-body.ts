import { Secret } from '../secret.ts';
import type { TokenError } from '../token-error.ts';

/** An answer as it came, decoded, not yet judged. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name; the first value of each. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Secret;
  /** Why the body may be only the beginning of what was sent; absent for one that was read to its end. */
  readonly cutOff?: TokenError;
}

/** The fields of an answer. */
export type ResponseFields = Readonly<Record<string, unknown>>;

/** What a body turned out to be; only fields can be judged. */
export type ResponseBody =
  | { readonly kind: 'fields'; readonly fields: ResponseFields }
  | { readonly kind: 'empty' | 'html' | 'not-an-object' | 'unreadable' };

/**
 * Reads a body by what it is, since content types lie: JSON first, then form-encoded. Never throws, and
 * never quotes the body.
 */
export function readResponseBody(body: Secret): ResponseBody {
  // A byte order mark counts as white space here.
  const text = body.reveal().trim();
  if (text === '') return { kind: 'empty' };
  if (text.startsWith('<')) return { kind: 'html' };
  const json = parseJson(text);
  if (json !== undefined) {
    const fields = asFields(json.value);
    return fields === undefined ? { kind: 'not-an-object' } : { kind: 'fields', fields };
  }
  return readForm(text) ?? { kind: 'unreadable' };
}

/** The object itself; `undefined` for null, arrays and primitives. */
export function asFields(value: unknown): ResponseFields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as ResponseFields)
    : undefined;
}

/** A field of the object's own: a provider cannot make us read `constructor`. */
export function field(fields: ResponseFields | undefined, name: string): unknown {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The value at a path of own fields and places of lists: `error.type`, `errors.0.code`. A field of that whole name comes first. */
export function fieldAt(fields: ResponseFields | undefined, path: string): unknown {
  if (fields !== undefined && Object.hasOwn(fields, path)) return fields[path];
  return path.split('.').reduce<unknown>((inner, name) => {
    const isInside = typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name);
    return isInside ? (inner as Record<string, unknown>)[name] : undefined;
  }, fields);
}

/** What a text says as JSON, wrapped, since it may be null; `undefined` when it is none. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // The cause quotes the text.
    return undefined;
  }
}

/** Form-encoded pairs hold no space, and a truncated JSON object is none. */
function readForm(text: string): ResponseBody | undefined {
  if (!/^[\w.%+-]+=[^\s{}<>"]*$/.test(text)) return undefined;
  return { kind: 'fields', fields: Object.fromEntries(new URLSearchParams(text)) };
}

/**
 * The value of a string field in a body that cannot be parsed: cut off, wrapped in an array, with a proxy's
 * words around it. Found only where its closing quote is there too.
 */
export function salvage(body: Secret, name: string): Secret | undefined {
  const key = JSON.stringify(name).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const found = new RegExp(`${key}\\s*:\\s*("(?:[^"\\\\]|\\\\.)+")`).exec(body.reveal())?.[1];
  const value = found === undefined ? undefined : parseJson(found)?.value;
  return typeof value === 'string' ? new Secret(value) : undefined;
}
