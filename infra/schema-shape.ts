import type * as z from 'zod';
import { judges } from '../functions/oauth/judges.ts';

type Schema = z.core.$ZodType;

/** A type that a shape reads, or a judge of it, and the module that it is imported from. */
export interface Imported {
  readonly name: string;
  readonly from: string;
}

export interface ShapesModule {
  /** By the names of the shapes. */
  readonly schemas: Readonly<Record<string, { readonly schema: Schema; readonly type: Imported }>>;
  /** Every judge of a schema, and where it is. */
  readonly judges: ReadonlyMap<unknown, Imported>;
}

/** What `shape.ts` has, beside which the module lies. */
const SHAPES = [
  ...['anything', 'either', 'fallback', 'flag', 'judged', 'list', 'number'],
  ...['object', 'oneOf', 'optional', 'record', 'text'],
];

/** So much is written once where it stands twice. */
const WRITTEN_ONCE = 40;

/**
 * The text of a module that reads values as schemas do, and without their library.
 * @throws Error for what it does not know: another kind of schema or check, a judge that is at no place
 */
export function shapesModule({ schemas, judges: known }: ShapesModule): string {
  const counts = new Map<string, number>();
  const names = new Map<string, string>();
  const constants: string[] = [];
  const plain = (schema: Schema): string => shapeOf(schema, plain, known);
  const count = (schema: Schema): string => {
    const text = plain(schema);
    const before = counts.get(text) ?? 0;
    counts.set(text, before + 1);
    // What is in it is written as often as it is.
    if (before === 0) shapeOf(schema, count, known);
    return text;
  };
  const write = (schema: Schema): string => {
    const text = plain(schema);
    if (text.length < WRITTEN_ONCE || counts.get(text) === 1) return shapeOf(schema, write, known);
    const name = names.get(text) ?? `shape${names.size + 1}`;
    if (!names.has(text)) {
      names.set(text, name);
      constants.push(`const ${name} = ${shapeOf(schema, write, known)};\n`);
    }
    return name;
  };
  const all = Object.entries(schemas);
  for (const [, { schema }] of all) shapeOf(schema, count, known);
  const exported = all.map(([name, { schema, type }]) => {
    const text = shapeOf(schema, write, known);
    return `\nexport const ${name} = ${text} as Shape<${type.name}>;\n`;
  });
  const body = [...constants, ...exported].join('');
  const isUsed = (name: string) => new RegExp(`\\b${name}\\b`).test(body);
  const imports = [
    ...all.map(([, { type }]) => `import type { ${type.name} } from '${type.from}';\n`),
    ...[...known.values()].map(({ name, from }) => `import { ${name} } from '${from}';\n`),
    `import { ${SHAPES.filter(isUsed).join(', ')}, type Shape } from './shape.ts';\n`,
  ];
  return `// Made from the schemas by "npm run generate".\n${imports.join('')}\n${body}`;
}

/** One schema, `inner` writing those that it is made of. */
function shapeOf(schema: Schema, inner: (schema: Schema) => string, known: ShapesModule['judges']): string {
  const shape = formOf(schema, inner);
  const judge = judges.get(schema)?.problem;
  const custom = checksOf(schema).filter(({ check }) => check === 'custom');
  if (custom.length === 0) return shape;
  const name = known.get(judge)?.name;
  if (name === undefined || custom.length > 1)
    throw new Error('a schema is judged by what is not known here');
  return `judged(${shape}, ${name})`;
}

function formOf(schema: Schema, inner: (schema: Schema) => string): string {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const checks = checksOf(schema);
  switch (def.type) {
    case 'object':
      if (def.catchall?._zod.def.type !== 'never') break;
      return `object({ ${Object.entries(def.shape)
        .map(([key, field]) => `${literal(key)}: ${inner(field)}`)
        .join(', ')} })`;
    case 'record':
      return `record(${inner(def.keyType)}, ${inner(def.valueType)})`;
    case 'array':
      return `list(${[inner(def.element), ...boundsOf(checks)].join(', ')})`;
    case 'union':
      return `either(${def.options.map(inner).join(', ')})`;
    case 'optional':
      return `optional(${inner(required(def.innerType))})`;
    case 'default':
    case 'prefault':
      return `fallback(${literal(def.defaultValue)}, ${inner(required(def.innerType))})`;
    case 'string':
      return `text(${boundsOf(checks).join('')})`;
    case 'number':
      return `number(${boundsOf(checks).join('')})`;
    case 'enum':
      return `oneOf(${Object.values(def.entries).map(literal).join(', ')})`;
    case 'literal':
      return `oneOf(${def.values.map(literal).join(', ')})`;
    case 'boolean':
      return 'flag';
    case 'null':
      return 'oneOf(null)';
    case 'unknown':
      return 'anything';
  }
  throw new Error(`there is no shape for a schema of the type ${def.type}`);
}

/** What may be absent within what may be absent would be read otherwise. */
function required(schema: Schema): Schema {
  const { optin } = schema._zod;
  if (optin === undefined || schema._zod.def.type === 'unknown') return schema;
  throw new Error('there is no shape for what may be absent twice');
}

interface Check {
  readonly check: string;
  readonly [detail: string]: unknown;
}

/** All checks; that of a format stands in the schema itself. */
function checksOf(schema: Schema): Check[] {
  const { checks = [], ...def } = schema._zod.def as z.core.$ZodTypeDef & { readonly check?: string };
  const own = def.check === undefined ? [] : [def as unknown as Check];
  return [...own, ...checks.map((each) => each._zod.def as unknown as Check)];
}

/** The bounds of a text, number or list, as an argument; none where there are none. */
function boundsOf(checks: readonly Check[]): string[] {
  const bounds = checks.flatMap(boundOf);
  return bounds.length === 0 ? [] : [`{ ${bounds.join(', ')} }`];
}

function boundOf({ check, ...detail }: Check): string[] {
  const { format, pattern, minimum, maximum, value, inclusive } = detail;
  switch (check) {
    case 'custom':
      return [];
    case 'min_length':
      return [`least: ${minimum}`];
    case 'max_length':
      return [`most: ${maximum}`];
    case 'string_format':
      if (pattern instanceof RegExp && !/[gy]/.test(pattern.flags)) return [`like: ${pattern}`];
      break;
    case 'number_format':
      if (format === 'safeint') return ['whole: true'];
      break;
    case 'greater_than':
      return [`${inclusive ? 'from' : 'above'}: ${value}`];
    case 'less_than':
      if (inclusive) return [`to: ${value}`];
      break;
  }
  throw new Error(`there is no shape for the check ${check} ${format ?? ''}`);
}

const literal = (value: unknown) => JSON.stringify(value);
