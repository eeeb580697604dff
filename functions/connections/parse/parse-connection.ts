import { type Connection, connectionSchema } from '../connection.ts';
import { ConnectionError } from '../connection-error.ts';
import { connectionFieldsSchema } from '../connection-fields.ts';
import { withAsciiHosts } from '../endpoint-url.ts';
import { type Place, secretOwnerProblems } from '../secret-owner.ts';
import { describeIssues, type Problem, pathText } from './describe-issues.ts';
import { LAID_OUT, unreadableText } from './readable-text.ts';

/**
 * Reads one connection, such as the value of a parameter.
 * @param place the deployment that it is declared in; where absent, whose secrets it names is not judged
 * @throws ConnectionError that names the connection and everything that is wrong with it
 */
export function parseConnection(value: unknown, name: string, place?: Place): Connection {
  const newer = newerSchema(value);
  if (newer !== undefined) {
    throw new ConnectionError(
      `connection "${name}": schema ${newer} is newer than this version of evertoken understands (1); update evertoken`,
    );
  }
  const unreadable = unreadableText(value);
  if (unreadable.length > 0) throw new ConnectionError(`connection "${name}": ${sentences(unreadable)}`);
  const result = connectionSchema.safeParse(value, { reportInput: true });
  const problems = result.success
    ? secretOwnerProblems(result.data, place)
    : describeIssues(connectionSchema, result.error.issues);
  if (result.success && problems.length === 0) return result.data;
  throw new ConnectionError(`connection "${name}": ${sentences(problems)}`);
}

function sentences(problems: readonly Problem[]): string {
  return problems
    .map(({ path, message }) => {
      const at = pathText(path);
      return at === '' ? message : `${at}: ${message}`;
    })
    .join('; ');
}

function newerSchema(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return undefined;
  return typeof value.schema === 'number' && value.schema > 1 ? value.schema : undefined;
}

/**
 * A definition as it was registered. Its fields are checked, not how they combine: that was judged when it
 * was registered, and a stricter version must not stop a connection that works. Whose secrets it names is judged
 * again: that it was registered proves nothing, since whoever may write the state may have put it there.
 * @throws ConnectionError with every path in it
 */
export function storedDefinition(stored: unknown, place: Place): Connection {
  const unreadable = unreadableText(stored, { except: LAID_OUT });
  if (unreadable.length > 0) throw new ConnectionError(`${UNUSABLE}: ${sentences(unreadable)}`);
  const parsed = connectionFieldsSchema.safeParse(withAsciiHosts(stored), { reportInput: true });
  const problems = parsed.success
    ? secretOwnerProblems(parsed.data, place)
    : describeIssues(connectionFieldsSchema, parsed.error.issues);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new ConnectionError(`${UNUSABLE}: ${sentences(problems)}`);
}

const UNUSABLE = 'the registered definition cannot be used';
