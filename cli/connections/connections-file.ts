import { readFile } from 'node:fs/promises';
import { type ConnectionProblem, checkConnection } from '../../functions/connections/check-connection.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import type { FitLimits } from '../../functions/connections/fit-limits.ts';
import { parseConnections } from '../../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../../functions/connections/parse/parse-json-file.ts';
import { presetOf } from '../../functions/connections/preset-of.ts';
import { loadPreset } from '../../functions/providers/load-preset.ts';
import { presetIds } from '../../functions/providers/presets.ts';
import { WrongUsage } from '../command-failed.ts';

/** The text of a file that a person named. @throws WrongUsage */
export async function readNamedFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new WrongUsage(`${file} cannot be read (${error.code}).`);
  });
}

/** The connections of a file. @throws WrongUsage with a line for each problem */
export async function readConnectionsFile(file: string): Promise<ReadonlyMap<string, Connection>> {
  const parsed = parseConnections(await readNamedFile(file), { file, providers: await presetIds() });
  if (!parsed.ok) throw new WrongUsage(parsed.problems.map(fileProblemText).join('\n'));
  return parsed.connections;
}

/** What is wrong or unwise with each connection by itself. @throws ConnectionError for rules that make no sense */
export async function judgeConnections(
  connections: ReadonlyMap<string, Connection>,
  limits?: FitLimits,
): Promise<readonly ConnectionProblem[]> {
  const all: ConnectionProblem[] = [];
  for (const [name, connection] of connections) {
    all.push(...checkConnection(name, connection, await presetOf(connection, loadPreset), limits));
  }
  return all;
}
