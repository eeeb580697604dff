import { readFile } from 'node:fs/promises';
import type { Connection } from '../functions/connections/connection.ts';
import { fileProblemText, parseConnections } from '../functions/connections/parse/parse-connections.ts';
import { presetIds } from '../functions/providers/presets.ts';
import { WrongUsage } from './wrong-usage.ts';

/** Reads a connections.json. @throws WrongUsage with a line for each problem */
export async function readConnectionsFile(file: string): Promise<ReadonlyMap<string, Connection>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new WrongUsage(`${file} cannot be read (${error.code})`);
  });
  const parsed = parseConnections(text, { file, providers: await presetIds() });
  if (!parsed.ok) throw new WrongUsage(parsed.problems.map(fileProblemText).join('\n'));
  return parsed.connections;
}
