import type { ErrorRules } from '../endpoint-rules.ts';
import { asFields, field, fieldAt, type ResponseFields } from './response-body.ts';

/** An error as a provider wrote it, whatever the shape. */
export interface ProviderError {
  /** Candidates for an error code, the most telling first. */
  readonly codes: readonly string[];
  /** Candidates for a sentence, the most telling first. */
  readonly words: readonly string[];
  /** An HTTP status inside the body. */
  readonly status: number | undefined;
}

const CODE_FIELDS = [
  'errorCode',
  'error_code',
  'errorType',
  'type',
  'code',
  'reason',
  'error_subcode',
  'status',
];
const STATUS_FIELDS = ['status', 'httpcode', 'code'];
const WORD_FIELDS = [
  'error_description',
  'errorDescription',
  'error_message',
  'errorMessage',
  'errorSummary',
  'message',
  'detail',
  'description',
  'title',
  'reason',
  'msg',
];

/** What a field for errors says where there is none: several providers always send it. */
const NO_ERROR = /^(|0+|200|ok|okay|success(ful)?|none|null|false|no[ _-]?errors?)$/i;

/**
 * Whether an answer says that it is an error, at any status. Absent, null, empty, zero, false and "OK" say
 * nothing: several providers always send the field.
 */
export function marksError(fields: ResponseFields): boolean {
  return deniesSuccess(fields) || markers(fields).some(saysSomething);
}

/**
 * Whether an answer that holds an access token is an error all the same: it denies its success, or names an
 * error where RFC 6749 section 5.2 has it. Anything else beside a token is a warning.
 */
export function contradictsToken(fields: ResponseFields): boolean {
  const error = field(fields, 'error');
  return deniesSuccess(fields) || (typeof error === 'string' && saysSomething(error));
}

function deniesSuccess(fields: ResponseFields): boolean {
  return field(fields, 'ok') === false || field(fields, 'success') === false;
}

function markers(fields: ResponseFields): readonly unknown[] {
  return ['error', 'errors', 'errorCode', 'error_code'].map((name) => field(fields, name));
}

function saysSomething(value: unknown): boolean {
  // A list has its places for keys.
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return typeof value === 'string' ? !NO_ERROR.test(value.trim()) : Boolean(value);
}

/**
 * Reads an error: RFC 6749 section 5.2, `error` as an object or a number (Meta, Stripe), a list `errors`
 * (Fitbit, SlashID, JSON:API), `errorCode` (Okta), `{status, message}` (Twitch), `reason` (Zoom).
 * @param sources the objects in which the error may stand, the most telling first
 * @param paths where the provider is known to write code and sentence; they come first
 */
export function readProviderError(
  sources: readonly ResponseFields[],
  { codePaths, messagePaths }: ErrorPaths = NO_PATHS,
): ProviderError {
  const codes: string[] = [];
  const words: string[] = [];
  const statuses: number[] = [];
  for (const source of sources) {
    push(
      codes,
      codePaths.map((path) => fieldAt(source, path)),
    );
    push(
      words,
      messagePaths.map((path) => fieldAt(source, path)),
    );
  }
  for (const source of sources) {
    const error = field(source, 'error');
    const errors = listOf(field(source, 'errors'));
    push(codes, [error]);
    for (const part of [asFields(error), ...errors.map(asFields), source]) {
      push(codes, valuesOf(part, CODE_FIELDS));
      push(words, valuesOf(part, WORD_FIELDS));
      statuses.push(...valuesOf(part, STATUS_FIELDS).map(Number).filter(isErrorStatus));
    }
    push(codes, listOf(field(source, 'error_codes')));
    push(words, [...errors, error]);
  }
  return { codes, words, status: statuses[0] };
}

type ErrorPaths = Pick<ErrorRules, 'codePaths' | 'messagePaths'>;
const NO_PATHS: ErrorPaths = { codePaths: [], messagePaths: [] };

function valuesOf(fields: ResponseFields | undefined, names: readonly string[]): readonly unknown[] {
  return names.map((name) => field(fields, name));
}

function isErrorStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status <= 599;
}

/** Adds the texts and numbers among `values`. */
function push(list: string[], values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value === 'number') list.push(String(value));
    if (typeof value === 'string' && value.trim() !== '') list.push(value.trim());
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, 10) : [];
}
