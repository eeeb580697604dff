import type { Connection } from '../connection.ts';
import { withAsciiHosts } from '../endpoint-url.ts';
import { type Place, secretOwnerProblems } from '../secret-owner.ts';
import { connectionFieldsShape } from '../shapes/declared-shapes.ts';
import { REFUSED } from '../shapes/shape.ts';
import { LAID_OUT, unreadableText } from './readable-text.ts';

/**
 * `storedDefinition` for a refresh, which begins without schemas: they are loaded when something is wrong, to say what.
 * @throws ConnectionError with every path in it
 */
export async function registeredDefinition(stored: unknown, place: Place): Promise<Connection> {
  if (unreadableText(stored, { except: LAID_OUT }).length === 0) {
    const fields = connectionFieldsShape(withAsciiHosts(stored));
    if (fields !== REFUSED && secretOwnerProblems(fields, place).length === 0) return fields;
  }
  const { storedDefinition } = await import('./parse-connection.ts');
  return storedDefinition(stored, place);
}
