/** What of JSON Schema the schemas here are made of. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly description?: string;
}

const PLAIN = ['string', 'number', 'boolean', 'null'];

/**
 * A JSON Schema as a TypeScript type, read-only throughout. Patterns and bounds are no part of it.
 * @param indent of the line that it begins in
 * @throws Error for what it does not know
 */
export function typeOfSchema(schema: JsonSchema, indent = ''): string {
  const { type = '', anyOf, items, properties, additionalProperties } = schema;
  if (typeof type !== 'string') return type.map((each) => typeOfSchema({ type: each })).join(' | ');
  if ('const' in schema) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  if (anyOf) return anyOf.map((each) => typeOfSchema(each, indent)).join(' | ');
  if (type === 'integer') return 'number';
  if (PLAIN.includes(type)) return type;
  if (type === 'array' && items) return arrayOf(typeOfSchema(items, indent));
  if (type === 'object' && properties) return objectOf(schema, indent);
  if (type === 'object' && typeof additionalProperties === 'object') {
    return `Readonly<Record<string, ${typeOfSchema(additionalProperties, indent)}>>`;
  }
  throw new Error(`there is no type for ${JSON.stringify(schema)}`);
}

function arrayOf(item: string): string {
  return item.includes('|') ? `readonly (${item})[]` : `readonly ${item}[]`;
}

function objectOf({ properties = {}, required = [] }: JsonSchema, indent: string): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([key, field]) => {
    const name = /^[A-Za-z_]\w*$/.test(key) ? key : literal(key);
    const about =
      field.description === undefined ? '' : `${inner}/** ${field.description.replaceAll('*/', '* /')} */\n`;
    return `${about}${inner}readonly ${name}${required.includes(key) ? '' : '?'}: ${typeOfSchema(field, inner)};\n`;
  });
  return `{\n${fields.join('')}${indent}}`;
}

const literal = (value: unknown) =>
  typeof value === 'string' ? `'${value.replace(/['\\]/g, '\\$&')}'` : JSON.stringify(value);
