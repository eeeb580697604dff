import { type DocumentNode, parse, type ValueNode } from '@humanwhocodes/momoa';
import { inert } from '../../text/inert.ts';
import { isNestedTooDeeply } from './readable-text.ts';

/** A place in a text. Both count from 1. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

/** A key that JSON.parse would pass over in silence. */
export interface KeyProblem extends Location {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Where things stand in a JSON text. */
export interface JsonLocations {
  /** Where the value at `path` begins, or the innermost one around it that exists. */
  of(path: readonly PropertyKey[]): Location;
  /** Keys that stand twice in one object, and `__proto__`, which no record holds. */
  readonly keyProblems: readonly KeyProblem[];
}

/** A text that is no JSON. The message tells where, and echoes nothing but the offending character. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly location: Location;

  constructor(message: string, location: Location) {
    super(message);
    this.location = location;
  }
}

/**
 * Parses JSON and remembers where everything stands. A byte order mark is skipped.
 * @throws JsonSyntaxError
 */
export function parseWithLocations(source: string): { value: unknown; locations: JsonLocations } {
  const text = source.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw syntaxError(text, error);
  }
  // It is refused as a whole, and its places would be looked for to the end of the stack.
  if (isNestedTooDeeply(value)) return { value, locations: { of: () => TOP, keyProblems: [] } };
  const document = parse(text, { mode: 'json' });
  return {
    value,
    locations: { of: (path) => locate(document, path), keyProblems: keyProblems(document.body, []) },
  };
}

const TOP: Location = { line: 1, column: 1 };

function locate(document: DocumentNode, path: readonly PropertyKey[]): Location {
  let node: ValueNode = document.body;
  for (const key of path) {
    const next: ValueNode | undefined =
      node.type === 'Object'
        ? node.members.findLast((member) => keyOf(member) === key)?.value
        : node.type === 'Array' && typeof key === 'number'
          ? node.elements[key]?.value
          : undefined;
    if (next === undefined) break;
    node = next;
  }
  return place(node.loc.start);
}

function keyProblems(node: ValueNode, path: readonly PropertyKey[]): KeyProblem[] {
  if (node.type === 'Array') {
    return node.elements.flatMap((element, index) => keyProblems(element.value, [...path, index]));
  }
  if (node.type !== 'Object') return [];
  const lines = new Map<string, number>();
  return node.members.flatMap((member) => {
    const key = keyOf(member);
    const here = { path: [...path, key], ...place(member.loc.start) };
    const inner = keyProblems(member.value, here.path);
    const firstLine = lines.get(key);
    lines.set(key, firstLine ?? here.line);
    if (key === '__proto__') return [{ ...here, message: 'cannot be a key' }, ...inner];
    if (firstLine === undefined) return inner;
    return [{ ...here, message: `stands here a second time; it is at line ${firstLine} already` }, ...inner];
  });
}

type Member = Extract<ValueNode, { type: 'Object' }>['members'][number];

const keyOf = ({ name }: Member) => (name.type === 'String' ? name.value : name.name);

const place = ({ line, column }: Location): Location => ({ line, column });

/** V8 names the position of most errors, and for the others the character; the tokenizer knows the rest. */
function syntaxError(text: string, error: unknown): JsonSyntaxError {
  const message = error instanceof Error ? error.message : String(error);
  if (text.trim() === '') return new JsonSyntaxError('the file is empty', TOP);
  const named = /^(.*?)(?: in JSON)? at position (\d+)/s.exec(message);
  const isCutShort = message.startsWith('Unexpected end');
  const offset = named ? Number(named[2]) : isCutShort ? text.length : tokenizerOffset(text);
  const slip = slipAt(text, offset);
  if (slip) return new JsonSyntaxError(slip.message, at(text, slip.offset));
  if (named) return new JsonSyntaxError(withoutEcho(named[1] ?? ''), at(text, offset));
  return new JsonSyntaxError(
    isCutShort ? 'unexpected end of the file' : withoutEcho(message),
    at(text, offset),
  );
}

/** What other languages allow, and people write by habit; `undefined` for anything else. */
function slipAt(text: string, offset: number): { message: string; offset: number } | undefined {
  if (/^(\/\/|\/\*|#)/.test(text.slice(offset, offset + 2))) {
    return { message: 'JSON has no comments: leave this one out', offset };
  }
  const before = text.slice(0, offset).trimEnd();
  if (/[}\]]/.test(text.charAt(offset)) && before.endsWith(',')) {
    return { message: 'this comma is one too many: nothing follows it', offset: before.length - 1 };
  }
  if (text.charAt(offset) === "'") return { message: 'JSON has double quotes alone', offset };
  return undefined;
}

function withoutEcho(message: string): string {
  const what = message.replace(/, .*$/s, '');
  return inert(what.charAt(0).toLowerCase() + what.slice(1));
}

function tokenizerOffset(text: string): number {
  try {
    parse(text, { mode: 'json' });
  } catch (error) {
    const { line, column } = error as Partial<Location>;
    const before = text.split('\n').slice(0, (line ?? 1) - 1);
    if (column !== undefined) return before.reduce((sum, { length }) => sum + length + 1, column - 1);
  }
  return 0;
}

function at(text: string, offset: number): Location {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
