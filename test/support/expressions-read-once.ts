import { createRequire } from 'node:module';

interface Context {
  readonly attrNames?: Readonly<Record<string, string>> | null;
  readonly attrVals?: Readonly<Record<string, object>> | null;
  readonly unusedAttrNames?: Record<string, unknown>;
  readonly unusedAttrVals?: Record<string, unknown>;
}

/** One of dynalite's. */
export interface Parser {
  parse(text: string, options: { readonly context: Context }): unknown;
}

/** Where the value of a placeholder stands in what was read. */
class Place {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

interface Read {
  readonly tree: unknown;
  readonly usedNames: readonly string[];
  readonly usedValues: readonly string[];
}

/** Here it counts what a value is, beside its type. */
const LOOKS_AT_VALUES = /\b(?:between|attribute_type)\b/i;

/**
 * Lets dynalite read each expression once: the product has some dozens, and to read them was a tenth of all that
 * a test with a state table did. What it makes of them is the same, with the values of each request.
 */
export function readExpressionsOnce(): void {
  const require = createRequire(import.meta.url);
  for (const name of ['condition', 'update', 'projection']) {
    const parser: Parser = require(`dynalite/db/${name}Parser.js`);
    parser.parse = readingOnce(parser.parse);
  }
}

/** The same parser, but that it remembers. What it refuses it reads again. */
export function readingOnce(parse: Parser['parse']): Parser['parse'] {
  const known = new Map<string, Read>();
  return (text, options) => {
    const { context } = options;
    const names = context.attrNames ?? {};
    const values = context.attrVals ?? {};
    if (LOOKS_AT_VALUES.test(text)) return parse(text, options);
    const types = Object.entries(values).map(([name, value]) => [name, Object.keys(value)]);
    const key = JSON.stringify([text, names, types]);
    let read = known.get(key);
    if (read === undefined) {
      // Of its own: who reads another expression of the same request before has used some.
      const unusedAttrNames: Record<string, unknown> = { ...names };
      const unusedAttrVals: Record<string, unknown> = { ...values };
      const tree = parse(text, { context: { ...context, unusedAttrNames, unusedAttrVals } });
      if (typeof tree === 'string') return tree;
      const places = new Map<unknown, Place>(
        Object.entries(values).map(([name, value]) => [value, new Place(name)]),
      );
      read = {
        tree: copied(tree, (part) => places.get(part)),
        usedNames: Object.keys(names).filter((name) => !(name in unusedAttrNames)),
        usedValues: Object.keys(values).filter((name) => !(name in unusedAttrVals)),
      };
      known.set(key, read);
    }
    for (const name of read.usedNames) delete context.unusedAttrNames?.[name];
    for (const name of read.usedValues) delete context.unusedAttrVals?.[name];
    return copied(read.tree, (part) => (part instanceof Place ? values[part.name] : undefined));
  };
}

/** A copy, with something else in place of some of its parts. */
function copied(part: unknown, inPlaceOf: (part: unknown) => unknown): unknown {
  if (typeof part !== 'object' || part === null) return part;
  const other = inPlaceOf(part);
  if (other !== undefined) return other;
  if (Array.isArray(part)) return part.map((each) => copied(each, inPlaceOf));
  const copy: Record<string, unknown> = Object.create(Object.getPrototypeOf(part));
  for (const [name, value] of Object.entries(part)) copy[name] = copied(value, inPlaceOf);
  return copy;
}
