import { type ObjectNode, parse } from '@humanwhocodes/momoa';
import type { Connection } from '../../functions/connections/connection.ts';
import { inlineJson } from '../text/inline-json.ts';

const NEW_FILE = `{
  "$schema": "./connections.schema.json",
  "connections": {}
}
`;
const WIDEST_LINE = 110;

/**
 * The text of `connections.json` with one connection more, before the first whose name comes after it. All
 * else stays as it is, to the byte.
 * @param text valid for `parseConnections`, without a connection of that name; `undefined` for no file yet
 */
export function insertConnection(text: string | undefined, name: string, connection: Connection): string {
  const original = text ?? NEW_FILE;
  const connections = connectionsNode(original.replace(/^\uFEFF/, ' '));
  const { members } = connections;
  const next = members.find((member) => keyOf(member) > name);
  const last = members.at(-1);
  const sample = next ?? last;
  const start = connections.loc.start.offset;
  if (sample === undefined) {
    const outer = indentationAt(original, start);
    const inner = `${outer}  `;
    const entry = entryText(name, connection, inner);
    return replaced(original, start, connections.loc.end.offset, `{\n${inner}${entry}\n${outer}}`);
  }
  const before = original.slice(start, sample.loc.start.offset);
  const onOneLine = !/\n[ \t]*$/.test(before);
  const indentation = onOneLine ? '' : (/[ \t]*$/.exec(before)?.[0] ?? '');
  const separator = onOneLine ? ', ' : `,\n${indentation}`;
  const entry = entryText(name, connection, indentation);
  if (next) return replaced(original, next.loc.start.offset, next.loc.start.offset, entry + separator);
  return replaced(original, sample.loc.end.offset, sample.loc.end.offset, separator + entry);
}

function connectionsNode(text: string): ObjectNode {
  const { body } = parse(text, { mode: 'json' });
  const value =
    body.type === 'Object'
      ? body.members.find((member) => keyOf(member) === 'connections')?.value
      : undefined;
  if (value?.type !== 'Object') throw new TypeError('takes a file of connections');
  return value;
}

function keyOf({ name }: ObjectNode['members'][number]): string {
  return name.type === 'String' ? name.value : name.name;
}

/** On one line where that fits, as people write them by hand. */
function entryText(name: string, connection: Connection, indentation: string): string {
  const line = `${JSON.stringify(name)}: ${inlineJson(connection)}`;
  if (indentation.length + line.length <= WIDEST_LINE) return line;
  const lines = JSON.stringify(connection, null, 2).split('\n');
  return `${JSON.stringify(name)}: ${lines.join(`\n${indentation}`)}`;
}

function indentationAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? '';
}

function replaced(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}
