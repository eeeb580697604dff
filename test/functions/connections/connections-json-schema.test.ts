import { expect, test } from 'vitest';
import { connectionsJsonSchema } from '../../../functions/connections/connections-json-schema.ts';

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  required?: string[];
  propertyNames?: Node;
  pattern?: string;
  enum?: string[];
}

const schema = connectionsJsonSchema() as Node;
const connections = schema.properties?.connections;
const connection =
  typeof connections?.additionalProperties === 'object' ? connections.additionalProperties : undefined;

test('describes every field of a connection', () => {
  const fields = Object.entries(connection?.properties ?? {});
  expect(fields.length).toBeGreaterThan(15);
  expect(fields.filter(([, field]) => !field.description).map(([name]) => name)).toEqual([]);
});

test('refuses unknown keys, requires credentials, and knows the shape of names', () => {
  expect(connection?.additionalProperties).toBe(false);
  expect(connection?.required).toEqual(['credentials']);
  expect(connections?.propertyNames?.pattern).toBe('^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$');
  expect(connection?.properties?.clientAuthentication?.enum).toContain('private_key_jwt');
});

test('is plain JSON that names its dialect', () => {
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
});
