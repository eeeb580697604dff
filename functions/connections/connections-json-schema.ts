import { z } from 'zod';
import { connectionsFileSchema } from './connection.ts';

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
