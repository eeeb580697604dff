import * as z from 'zod';
import { combinationProblems } from './connection-combinations.ts';
import { type ConnectionFields, connectionFieldsSchema, nameSchema } from './connection-fields.ts';
import { connectionRulesSchema } from './connection-rules.ts';

export type { SecretReference, SigningKey } from './connection-fields.ts';

/**
 * A connection as it is declared: one set of tokens that is kept fresh. To read one that a person wrote,
 * use `parseConnection`, which says in a sentence what is wrong.
 */
export const connectionSchema = connectionFieldsSchema.superRefine(refuseCombinations);

export type Connection = z.infer<typeof connectionSchema>;

/** A connection in a file, where nobody says who declared it. */
const writtenConnectionSchema = connectionFieldsSchema
  .omit({ declaredBy: true })
  .superRefine(refuseCombinations);

const presetName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected a-z, 0-9 and "-"');

/** The file `connections.json`. */
export const connectionsFileSchema = z.strictObject({
  $schema: z.string().optional().describe('Where the JSON Schema of this file is, for editors.'),
  presets: z
    .record(presetName, connectionRulesSchema)
    .optional()
    .describe('Providers of your own, which connections of this file name as "provider".'),
  connections: z
    .record(nameSchema, writtenConnectionSchema)
    .describe('Each connection by its name: segments of a-z, 0-9, ".", "_" and "-", joined by "/".'),
});
export type ConnectionsFile = z.infer<typeof connectionsFileSchema>;

function refuseCombinations(connection: ConnectionFields, context: z.RefinementCtx): void {
  for (const { path, message } of combinationProblems(connection)) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
}

/**
 * The JSON Schema (2020-12) of `connections.json`, for editors. It knows every field and its type; rules
 * that span several fields are checked by `parseConnections` alone.
 */
export function connectionsJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(connectionsFileSchema, { io: 'input', unrepresentable: 'throw' });
  return {
    ...schema,
    title: 'Evertoken connections',
    description: 'The connections that Evertoken keeps fresh.',
  };
}
