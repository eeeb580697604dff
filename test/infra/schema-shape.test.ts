import { expect, test } from 'vitest';
import * as z from 'zod';
import { judges } from '../../functions/oauth/judges.ts';
import { shapesModule } from '../../infra/schema-shape.ts';

const problemOf = (value: string) => (value === 'bad' ? 'is bad' : undefined);
const known = new Map([[problemOf, { name: 'problemOf', from: './judge.ts' }]]);
const type = { name: 'Crm', from: './crm.ts' };

const moduleOf = (schema: z.ZodType) => shapesModule({ schemas: { crm: { schema, type } }, judges: known });

/** What stands for a schema. */
function shapeOf(schema: z.ZodType): string | undefined {
  return /export const crm = (.*) as Shape<Crm>;/.exec(moduleOf(schema))?.[1];
}

test.each<readonly [z.ZodType, string]>([
  [z.string(), 'text()'],
  [z.string().min(1).max(2), 'text({ least: 1, most: 2 })'],
  [z.string().regex(/^a\/b$/), 'text({ like: /^a\\/b$/ })'],
  [z.number().min(0).max(1.5), 'number({ from: 0, to: 1.5 })'],
  [z.int().positive(), 'number({ whole: true, above: 0 })'],
  [z.number().int().nonnegative(), 'number({ whole: true, from: 0 })'],
  [z.boolean(), 'flag'],
  [z.null(), 'oneOf(null)'],
  [z.literal(1), 'oneOf(1)'],
  [z.enum(['a', "o'b"]), 'oneOf("a", "o\'b")'],
  [z.unknown().optional(), 'optional(anything)'],
  [z.array(z.boolean()).min(1), 'list(flag, { least: 1 })'],
  [z.record(z.string(), z.boolean()), 'record(text(), flag)'],
  [z.union([z.string(), z.boolean()]), 'either(text(), flag)'],
  [
    z.strictObject({ 'a-b': z.string(), c: z.boolean().optional() }),
    'object({ "a-b": text(), "c": optional(flag) })',
  ],
  [z.array(z.string()).default([]), 'fallback([], list(text()))'],
  [
    z.strictObject({ a: z.boolean().default(true) }).prefault({}),
    'fallback({}, object({ "a": fallback(true, flag) }))',
  ],
  [
    z
      .string()
      .refine(() => true)
      .register(judges, { problem: problemOf })
      .meta({ title: 'x' }),
    'judged(text(), problemOf)',
  ],
])('schema %# has a shape', (schema, shape) => {
  expect(shapeOf(schema)).toBe(shape);
});

test('what stands twice is written once, and what is used is imported', () => {
  const long = z.string().regex(/^a-pattern-that-is-so-long-that-nobody-writes-it-twice$/);
  const text = moduleOf(z.strictObject({ a: long, b: z.array(long) }));
  expect(text).toBe(`// Made from the schemas by "npm run generate".
import type { Crm } from './crm.ts';
import { problemOf } from './judge.ts';
import { list, object, text, type Shape } from './shape.ts';

const shape1 = text({ like: /^a-pattern-that-is-so-long-that-nobody-writes-it-twice$/ });

export const crm = object({ "a": shape1, "b": list(shape1) }) as Shape<Crm>;
`);
});

test.each<readonly [z.ZodType, string]>([
  [z.object({ a: z.string() }), 'there is no shape for a schema of the type object'],
  [z.date(), 'there is no shape for a schema of the type date'],
  [z.string().transform(Number), 'there is no shape for a schema of the type pipe'],
  [z.string().regex(/a/g), 'there is no shape for the check string_format regex'],
  [z.string().length(3), 'there is no shape for the check length_equals'],
  [z.number().lt(3), 'there is no shape for the check less_than'],
  [z.string().default('a').optional(), 'there is no shape for what may be absent twice'],
  [z.string().refine(() => true), 'a schema is judged by what is not known here'],
  [
    z
      .string()
      .refine(() => true)
      .register(judges, { problem: () => undefined }),
    'a schema is judged by what is not known here',
  ],
])('what it does not know is refused, not guessed: %#', (schema, problem) => {
  expect(() => moduleOf(schema)).toThrow(problem);
});
