import type * as z from 'zod';
import { inert } from '../../text/inert.ts';
import { didYouMean } from '../../text/near-name.ts';
import { knownKeys } from './known-keys.ts';

/** What is wrong at one place of a declared value. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  /** A sentence without its subject, which is the path: `expected a positive integer, found "abc"`. */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

const LONGEST_ECHO = 60;

/**
 * Zod's issues in sentences for the person who wrote the value. Parse with `reportInput: true`, or
 * messages cannot say what was found. Values under `parameters` are never echoed: somebody may have put
 * a secret there.
 */
export function describeIssues(schema: z.ZodType, issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue) => describe(schema, issue));
}

/** A path as one would write it: `connections["books/acme"].grants[0]`. Of a key that is too long the beginning. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (name.length > LONGEST_ECHO || !/^[A-Za-z_$][\w$-]*$/.test(name)) return `${text}[${quoted(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** The beginning of a text as JSON, with nothing in it that a terminal would obey. */
function quoted(text: string): string {
  return inert(JSON.stringify(text.length > LONGEST_ECHO ? `${text.slice(0, LONGEST_ECHO)}…` : text));
}

function describe(schema: z.ZodType, issue: Issue): Problem[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(schema, path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `is no known key${didYouMean(key, known)}; allowed are ${known.join(', ')}`,
      }));
    }
    case 'invalid_key':
      return issue.issues.map((inner) => ({
        path,
        message: `as a key: ${sentence({ ...inner, path } as Issue)}`,
      }));
    case 'invalid_union': {
      const branch = issue.errors.find(
        (inner) => !inner.some(({ code, path: at }) => code === 'invalid_type' && at.length === 0),
      );
      if (branch === undefined) return [{ path, message: sentence(issue) }];
      return branch.flatMap((inner) =>
        describe(schema, { ...inner, path: [...path, ...inner.path] } as Issue),
      );
    }
    default:
      return [{ path, message: sentence(issue) }];
  }
}

function sentence(issue: Issue): string {
  const expectation = expected(issue);
  if (expectation === undefined) return issue.message;
  if (issue.input === undefined && issue.code !== 'invalid_union') return `is missing; ${expectation}`;
  const near =
    issue.code === 'invalid_value' && typeof issue.input === 'string'
      ? didYouMean(issue.input, issue.values.map(String))
      : '';
  return `${expectation}, found ${found(issue)}${near}`;
}

/** What should have been there; `undefined` when the issue's own message is the whole sentence. */
function expected(issue: Issue): string | undefined {
  if (issue.message.startsWith('expected ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `expected at least ${issue.minimum} ${UNITS[issue.origin] ?? ''}`.trim();
    case 'too_big':
      return `expected at most ${issue.maximum} ${UNITS[issue.origin] ?? ''}`.trim();
    default:
      return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'an array',
};

const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'item' };

function found(issue: Issue): string {
  const value = issue.input;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (value === null) return 'null';
  if (typeof value === 'object') return 'an object';
  if (issue.path.includes('parameters')) return typeof value === 'string' ? 'a string' : `a ${typeof value}`;
  if (typeof value !== 'string') return String(value);
  return quoted(value);
}
