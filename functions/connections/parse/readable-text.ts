import { firstInvisible, lengthText } from '../../text/inert.ts';
import type { Problem } from './describe-issues.ts';

/** No string of a declaration is longer than the parameter that holds it. */
const LONGEST = 8_192;
/** Far more than a connection has. */
const DEEPEST = 32;
/** Whoever reads of so many knows enough. */
const MOST_PROBLEMS = 20;

/** Once allowed, and of use in a parameter that is itself a document, such as `claims`. */
export const LAID_OUT = ['\t', '\n', '\r'];

export interface ReadableOptions {
  /** Characters that are let through all the same. Default: none. */
  readonly except?: readonly string[];
}

/**
 * What a person could not read, or would read as something else: invisible characters, wherever they stand in a
 * declared value, keys among them, strings that no parameter would hold, and nesting that no schema knows. To be
 * asked before anything else is said of the value: no message of these repeats what it is about.
 */
export function unreadableText(value: unknown, { except = [] }: ReadableOptions = {}): Problem[] {
  if (isNestedTooDeeply(value)) {
    return [
      { path: [], message: `is nested more than ${DEEPEST} levels deep: write what is meant, and no more` },
    ];
  }
  const problems: Problem[] = [];
  const judge = (text: string, path: readonly PropertyKey[], what: string) => {
    const problem = textProblem(text, what, except);
    if (problem !== undefined) problems.push({ path, message: problem });
  };
  const look = (at: unknown, path: readonly PropertyKey[]): void => {
    if (problems.length >= MOST_PROBLEMS) return;
    if (typeof at === 'string') judge(at, path, '');
    else if (Array.isArray(at)) for (const [index, each] of at.entries()) look(each, [...path, index]);
    else if (typeof at === 'object' && at !== null) {
      for (const [key, each] of Object.entries(at)) {
        const inner = [...path, key];
        // No record holds it, so that nothing else would say that it was there.
        if (key === '__proto__') problems.push({ path: inner, message: 'cannot be a key' });
        judge(key, inner, 'as a key: ');
        look(each, inner);
      }
    }
  };
  look(value, []);
  return problems.slice(0, MOST_PROBLEMS);
}

/** Whether a parsed value has more levels than any declaration; found without descending into it. */
export function isNestedTooDeeply(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}

function textProblem(text: string, what: string, except: readonly string[]): string | undefined {
  if (text.length > LONGEST) {
    return `${what}is ${lengthText(text)} long; at most ${LONGEST.toLocaleString('en-US')} are allowed`;
  }
  const found = firstInvisible(text, except);
  if (found === undefined) return undefined;
  return `${what}holds the invisible character ${found.codePoint} at position ${found.index + 1}: leave it out`;
}
