import type { Connection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import { connectionFieldsSchema } from './connection-fields.ts';
import { describeIssues, pathText } from './describe-issues.ts';

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
