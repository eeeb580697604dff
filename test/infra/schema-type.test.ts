import { expect, test } from 'vitest';
import { type JsonSchema, typeOfSchema } from '../../infra/schema-type.ts';

test.each<[JsonSchema, string]>([
  [{ type: 'string' }, 'string'],
  [{ type: 'integer' }, 'number'],
  [{ const: 1 }, '1'],
  [{ type: ['string', 'number'] }, 'string | number'],
  [{ enum: ['a', "o'b", null] }, "'a' | 'o\\'b' | null"],
  [{ anyOf: [{ type: 'string' }, { type: 'boolean' }] }, 'string | boolean'],
  [{ type: 'array', items: { type: 'string' } }, 'readonly string[]'],
  [{ type: 'array', items: { enum: ['a', 'b'] } }, "readonly ('a' | 'b')[]"],
  [{ type: 'object', additionalProperties: { type: 'number' } }, 'Readonly<Record<string, number>>'],
  [
    {
      type: 'object',
      properties: { a: { type: 'string', description: 'the first */' }, 'b-c': { type: 'null' } },
      required: ['a'],
      additionalProperties: false,
    },
    "{\n  /** the first * / */\n  readonly a: string;\n  readonly 'b-c'?: null;\n}",
  ],
])('%j is a type', (schema, type) => {
  expect(typeOfSchema(schema)).toBe(type);
});

test('what it does not know is refused, not guessed', () => {
  expect(() => typeOfSchema({ type: 'object' })).toThrow('there is no type for {"type":"object"}');
});
