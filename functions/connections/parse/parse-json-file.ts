import type * as z from 'zod';
import { describeIssues, type Problem, pathText } from './describe-issues.ts';
import { JsonSyntaxError, type Location, parseWithLocations } from './json-locations.ts';
import { unreadableText } from './readable-text.ts';

/** Something wrong in a file, at its place. */
export interface FileProblem extends Problem, Location {
  readonly file: string;
}

export type ParsedFile<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

export interface JsonFileOptions<T> {
  /** The file's name, for messages. */
  readonly file: string;
  readonly schema: z.ZodType<T>;
  /** Keys at the top that somebody else reads. Default: none may be there. */
  readonly besides?: readonly string[];
  /** What the schema does not see. Default: nothing. */
  readonly problemsOf?: (value: T) => readonly Problem[];
}

/** Reads a JSON file that a person wrote. Never throws: every problem is told, with its place. */
export function parseJsonFile<T>(text: string, options: JsonFileOptions<T>): ParsedFile<T> {
  const { file, schema, besides = [], problemsOf = () => [] } = options;
  let parsed: ReturnType<typeof parseWithLocations>;
  try {
    parsed = parseWithLocations(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const message = `this is not JSON: ${error.message}`;
    return { ok: false, problems: [{ file, ...error.location, path: [], message }] };
  }
  const { locations } = parsed;
  const value = without(parsed.value, besides);
  const keys = locations.keyProblems.map((problem) => ({ file, ...problem }));
  const placedIn = (problems: readonly Problem[]) =>
    problems.map((problem) => ({ file, ...locations.of(problem.path), ...problem }));
  // That one is among the problems of keys, at its own place.
  const unreadable = unreadableText(value).filter(({ path }) => path.at(-1) !== '__proto__');
  if (unreadable.length > 0) return { ok: false, problems: [...keys, ...placedIn(unreadable)] };
  const result = schema.safeParse(value, { reportInput: true });
  const placed = placedIn(
    result.success ? problemsOf(result.data) : describeIssues(schema, result.error.issues),
  );
  if (result.success && placed.length + keys.length === 0) return { ok: true, value: result.data };
  return { ok: false, problems: [...keys, ...placed] };
}

/** One line for a person: `connections.json:4:30 connections.crm.marginSeconds: expected a positive integer, …`. */
export function fileProblemText(problem: FileProblem): string {
  const path = pathText(problem.path);
  return `${problem.file}:${problem.line}:${problem.column} ${path === '' ? '' : `${path}: `}${problem.message}`;
}

function without(value: unknown, keys: readonly string[]): unknown {
  if (keys.length === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}
