import { type Connection, ConnectionError, connectionSchema } from '../connection.ts';
import { connectionFieldsSchema } from '../connection-fields.ts';
import { describeIssues, pathText } from './describe-issues.ts';

/**
 * Reads one connection, such as the value of a parameter.
 * @throws ConnectionError that names the connection and everything that is wrong with it
 */
export function parseConnection(value: unknown, name: string): Connection {
  const newer = newerSchema(value);
  if (newer !== undefined) {
    throw new ConnectionError(
      `connection "${name}": schema ${newer} is newer than this version of evertoken understands (1); update evertoken`,
    );
  }
  const result = connectionSchema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const sentences = describeIssues(connectionSchema, result.error.issues).map(({ path, message }) => {
    const at = pathText(path);
    return at === '' ? message : `${at}: ${message}`;
  });
  throw new ConnectionError(`connection "${name}": ${sentences.join('; ')}`);
}

function newerSchema(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return undefined;
  return typeof value.schema === 'number' && value.schema > 1 ? value.schema : undefined;
}

/**
 * A definition as it was registered. Its fields are checked, not how they combine: that was judged when it
 * was registered, and a stricter version must not stop a connection that works.
 * @throws ConnectionError with every path in it
 */
export function storedDefinition(stored: unknown): Connection {
  const parsed = connectionFieldsSchema.safeParse(stored, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = describeIssues(connectionFieldsSchema, parsed.error.issues);
  throw new ConnectionError(
    `the registered definition cannot be used: ${problems.map(({ path, message }) => `${pathText(path)}: ${message}`).join('; ')}`,
  );
}
