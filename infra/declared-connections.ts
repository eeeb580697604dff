import { readFileSync } from 'node:fs';
import { checkConnection } from '../functions/connections/check-connection.ts';
import type { Connection } from '../functions/connections/connection.ts';
import {
  declaredParameterWrites,
  tooManyParameterWrites,
} from '../functions/connections/parameter-writes.ts';
import { parseConnections } from '../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../functions/connections/parse/parse-json-file.ts';
import { presetOfSync } from '../functions/connections/preset-of-sync.ts';
import { loadPresetSync, presetIdsSync } from '../functions/providers/presets.ts';
import { MOST_CONNECTIONS, tooManyConnections } from './constructs/token-storage.ts';
import { SynthProblem } from './synth-problem.ts';

/**
 * Reads the file of connections and judges all of it at once.
 * @param file path, from the folder that CDK runs in
 * @param namespace of the deployment that they are declared in
 * @param parameterWritesPerSecond what it may take of Parameter Store's. Default: left to its refresher, which knows
 * @throws SynthProblem with a line for everything that is wrong: the file, the path in it, what was found and
 * what is allowed
 */
export function readDeclaredConnections(
  file: string,
  namespace: string,
  parameterWritesPerSecond?: number,
): ReadonlyMap<string, Connection> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new SynthProblem(
      `${file}: cannot be read (${(error as NodeJS.ErrnoException).code}); the context "connections" names the file of connections`,
    );
  }
  const parsed = parseConnections(text, { file, providers: presetIdsSync(), place: { namespace } });
  if (!parsed.ok) throw new SynthProblem(parsed.problems.map(fileProblemText).join('\n'));
  const { connections } = parsed;
  if (connections.size > MOST_CONNECTIONS) {
    throw new SynthProblem(`${file}: ${tooManyConnections(connections.size)}`);
  }
  const misfits = [...connections].flatMap(([name, connection]) => {
    return checkConnection(name, connection, presetOfSync(connection, loadPresetSync)).filter(
      ({ level }) => level === 'error',
    );
  });
  if (misfits.length > 0)
    throw new SynthProblem(misfits.map(({ message }) => `${file}: ${message}`).join('\n'));
  if (parameterWritesPerSecond === undefined) return connections;
  const writes = [...connections.values()].map((connection) =>
    declaredParameterWrites(connection, presetOfSync(connection, loadPresetSync)),
  );
  const tooMany = tooManyParameterWrites(writes, parameterWritesPerSecond);
  if (tooMany) throw new SynthProblem(`${file}: connections: ${tooMany.message}: ${tooMany.remedy}`);
  return connections;
}
