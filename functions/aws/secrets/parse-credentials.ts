import { CREDENTIAL_FIELDS, type CredentialField, FIELD_NAME } from '../../connections/needed-credentials.ts';
import type { Credentials } from '../../oauth/credentials.ts';
import { originPatternProblem } from '../../oauth/request/allowed-origins.ts';
import { Secret } from '../../oauth/secret.ts';
import { StoreError } from '../../refresh/ports/stores.ts';
import { plainName } from '../../text/near-name.ts';
import { refuseNewerSchema } from '../stored-schema.ts';
import { credentialText, tokenText } from './credential-text.ts';
import { readSecretJson, type SecretFields, serialiseSecretJson } from './secret-json.ts';

const EXPECTED = 'expected JSON with client_id and client_secret';

/** Names beside ours under which a field is surely meant, without case and separators. */
const OTHER_NAMES: Readonly<Record<CredentialField, readonly string[]>> = {
  client_id: ['clientid', 'oauthclientid', 'consumerkey'],
  client_secret: ['clientsecret', 'oauthclientsecret', 'consumersecret'],
  private_key: ['privatekey'],
  key_id: ['keyid'],
  certificate: ['certificate'],
  username: ['username'],
  password: ['password'],
};

/** What stands in such a secret besides credentials. */
const BESIDES: readonly string[] = ['schema'];

export interface CredentialsFormat {
  /** What the fields are called where somebody said so; what is not named has its own name. */
  readonly names?: Readonly<Record<string, string>>;
  /** In a secret of someone else's, `schema` may mean anything. Default false. */
  readonly isForeign?: boolean;
}

/**
 * Credentials as people store them. What is certain is read: white space around, another spelling of a name, JSON
 * inside a JSON string. All else is said in a sentence that names what was found and what is expected, by the
 * names of keys, never by values.
 * @param where names the secret in errors
 * @throws StoreError `malformed`, code `MalformedCredentials`, or `NewerSchema`
 */
export function parseCredentials(
  text: Secret,
  where: string,
  { names = {}, isForeign = false }: CredentialsFormat = {},
): Credentials {
  const fields = credentialsObject(text, where);
  if (!isForeign) refuseNewerSchema(fields['schema'], where);
  const { values, others, unread } = readCredentialFields(fields, where, names);
  const allowed = readAllowedOrigins(fields, where);
  if (Object.keys(values).length === 0 && unread.length > 0 && !Object.values(others).some(isPlain)) {
    throw malformedCredentials(
      where,
      `the secret has no credentials: found ${quoted(unread)}; expected "client_id" and "client_secret"`,
    );
  }
  const { client_id, key_id, certificate, username, ...secrets } = values;
  return {
    ...(client_id && { client_id: client_id.reveal() }),
    ...(key_id && { key_id: key_id.reveal() }),
    ...(certificate && { certificate: certificate.reveal() }),
    ...(username && { username: username.reveal() }),
    ...secrets,
    ...(Object.keys(others).length > 0 && { fields: others }),
    ...(allowed && { allowed_token_origins: allowed }),
    ...(unread.length > 0 && { unread }),
  };
}

/**
 * The object that holds the credentials, also where its JSON was put into a JSON string once more.
 * @throws StoreError `malformed` for anything else
 */
export function credentialsObject(text: Secret, where: string): SecretFields {
  const outer = readSecretJson(text);
  if ('fields' in outer) return outer.fields;
  const inner = outer.string && readSecretJson(outer.string);
  if (inner && 'fields' in inner) return inner.fields;
  throw malformedCredentials(where, `the secret is ${outer.problem}; ${EXPECTED}`);
}

/** A binary secret as text. @throws StoreError `malformed` when it is none */
export function binaryCredentials(bytes: Uint8Array, where: string): Secret {
  try {
    return new Secret(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformedCredentials(where, `the secret is binary data that is no UTF-8 text; ${EXPECTED}`);
  }
}

/** What may be a credential that only a preset knows, and is not the whole secret put under one name. */
const isPlain = (value: Secret) => !('fields' in readSecretJson(value));

/** Credentials by field, and the names of all else, as far as they can be shown. */
export interface CredentialFields {
  readonly values: Readonly<Partial<Record<CredentialField, Secret>>>;
  /** Fields that only a preset, or the rules of a connection, know: by the name that templates give them. */
  readonly others: Readonly<Record<string, Secret>>;
  /** No field that is known here, and not empty. */
  readonly unread: readonly string[];
  /** What of these is nothing that templates could name either. */
  readonly unusable: readonly string[];
  /** Without a value. */
  readonly empty: readonly string[];
}

/** @throws StoreError `malformed` for a value of the wrong type, or two that claim to be the same field */
export function readCredentialFields(
  fields: SecretFields,
  where: string,
  names: Readonly<Record<string, string>> = {},
): CredentialFields {
  const exact = new Set<string>(CREDENTIAL_FIELDS.map((field) => names[field] ?? field));
  const read = new Set<string>([...exact, ...BESIDES, ...Object.keys(fields).filter(isAllowedOrigins)]);
  const values: Partial<Record<CredentialField, Secret>> = {};
  for (const field of CREDENTIAL_FIELDS) {
    const name = names[field] ?? field;
    // Where somebody said what it is called, or it stands there by its name, nothing else is it.
    const isSaid = names[field] !== undefined || Object.hasOwn(fields, name);
    const keys = isSaid ? [name] : Object.keys(fields).filter((key) => isOtherName(key, field, exact));
    const found = keys.flatMap((key) => {
      read.add(key);
      const value = credentialValue(fields, key, field, where);
      return value === undefined ? [] : [{ key, value }];
    });
    const [first, ...others] = found;
    const another = others.find(({ value }) => !value.equals(first?.value));
    if (first && another) {
      throw malformedCredentials(
        where,
        `the secret has ${quoted([first.key, another.key])} with different values, and no "${field}"; keep the one that counts, as "${field}"`,
      );
    }
    if (first) values[field] = first.value;
  }
  const keys = Object.keys(fields);
  const unread = keys.filter((key) => !read.has(key) && !isEmpty(fields[key]));
  const empty = keys.filter((key) => isEmpty(fields[key]));
  const others = otherFields(fields, unread, names);
  const unusable = unread.filter((key) => !Object.hasOwn(others, key));
  return {
    values,
    others,
    unread: unread.map(shownName),
    unusable: unusable.map(shownName),
    empty: empty.map(shownName),
  };
}

/** Who declares the secret may give these another name too; all else is called what it is called there. */
function otherFields(
  fields: SecretFields,
  unread: readonly string[],
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, Secret>> {
  const known: readonly string[] = CREDENTIAL_FIELDS;
  const renamed = Object.entries(names).filter(([field]) => !known.includes(field));
  const taken = new Set(renamed.flat());
  const own = unread
    .filter((key) => !taken.has(key) && !known.includes(key))
    .map((key) => [key, key] as const);
  return Object.fromEntries(
    [...own, ...renamed].flatMap(([field, key]) => {
      const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
      const text = Number.isSafeInteger(value) ? new Secret(String(value)) : value;
      const filled = text instanceof Secret && FIELD_NAME.test(field) ? tokenText(text) : undefined;
      return filled === undefined ? [] : [[field, filled]];
    }),
  );
}

/** Never under another name that a declaration gives it: only who writes the secret says where it may go. */
const isAllowedOrigins = (key: string) => plainName(key) === 'allowedtokenorigins';

/**
 * The origins that the secret names: an array, or one text with blanks or commas between, as the console's editor
 * has it. What cannot be read is refused, since it was meant to forbid something.
 * @throws StoreError `malformed`
 */
export function readAllowedOrigins(fields: SecretFields, where: string): readonly string[] | undefined {
  const keys = Object.keys(fields).filter((key) => isAllowedOrigins(key) && !isEmpty(fields[key]));
  if (keys.length === 0) return undefined;
  return keys.flatMap((key) => {
    const value = fields[key];
    const entries =
      value instanceof Secret
        ? value
            .reveal()
            .trim()
            .split(/[\s,]+/)
        : value;
    if (!Array.isArray(entries))
      throw malformedCredentials(where, `"${shownName(key)}" must be a list of origins`);
    return entries.map((entry: unknown) => {
      const origin = entry instanceof Secret ? entry.reveal().trim() : entry;
      const problem = typeof origin === 'string' ? originPatternProblem(origin) : 'expected a string';
      if (problem === undefined) return String(origin);
      throw malformedCredentials(where, `"${shownName(key)}" holds an entry that is no origin: ${problem}`);
    });
  });
}

function isOtherName(key: string, field: CredentialField, exact: ReadonlySet<string>): boolean {
  return !exact.has(key) && OTHER_NAMES[field].includes(plainName(key));
}

function credentialValue(
  fields: SecretFields,
  key: string,
  field: CredentialField,
  where: string,
): Secret | undefined {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (value === undefined || value === null) return undefined;
  if (value instanceof Secret) return credentialText(field, value);
  // A JWK may be stored as the object that it is, or as text.
  if (field === 'private_key' && isObject(value)) return serialiseSecretJson({ ...value });
  throw malformedCredentials(where, `"${shownName(key)}" must be a string`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return value === null || (value instanceof Secret && value.reveal().trim() === '');
}

/** What does not look like a name may be a value in the wrong column of the console's editor. */
export function shownName(key: string): string {
  return /^[A-Za-z_][\w.:/ -]{0,31}$/.test(key) && !/(?:\d.*){3}/.test(key) ? key : '…';
}

const MOST_NAMES = 8;

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

function malformedCredentials(where: string, problem: string): StoreError {
  return new StoreError('malformed', 'MalformedCredentials', `${where}: ${problem}`);
}
