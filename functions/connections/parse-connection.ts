import { type Connection, connectionSchema } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
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
