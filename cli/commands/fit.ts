import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkConnection } from '../../functions/connections/check-connection.ts';
import type { Connection } from '../../functions/connections/connection.ts';
import { ConnectionError } from '../../functions/connections/connection-error.ts';
import {
  deploymentSettingsSchema,
  settingsProblems,
  USUAL_SETTINGS,
} from '../../functions/connections/deployment-settings.ts';
import { presetOf } from '../../functions/connections/effective-preset.ts';
import { tooManyParameterWrites } from '../../functions/connections/parameter-writes.ts';
import { parseConnections } from '../../functions/connections/parse/parse-connections.ts';
import { fileProblemText, parseJsonFile } from '../../functions/connections/parse/parse-json-file.ts';
import { fleetFit, tooManySecretWrites } from '../../functions/connections/secret-writes.ts';
import { loadPreset, presetIds } from '../../functions/providers/presets.ts';
import type { CommandModule } from '../command-context.ts';
import { WrongUsage } from '../command-failed.ts';
import { parameterLoad } from '../connections/parameter-load.ts';
import { secretLoads } from '../connections/secret-load.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../program.ts';
import { paceText, sentence } from '../text/pace-text.ts';

const SETTINGS = 'deployment.json';
const MOST_TIMES = 1_000_000;
const MOST_PER_SECOND = 50;

interface FitOptions {
  readonly times?: number;
  readonly writesPerSecond?: number;
  readonly settings?: string;
}

/** `evertoken fit`: whether connections can be kept fresh, and how many like them. Asks AWS for nothing. */
export const fitCommand: CommandModule = (program, run) => {
  program
    .command('fit')
    .description(
      'Says whether the connections of a file can be kept fresh: each by its lifetime and margin, and all together by the pace at which secrets are written, in the long run and when all are due at once. Says from how many connections like these on tokens are late. Asks AWS for nothing.',
    )
    .argument('[file]', 'the file of connections (default: connections.json)')
    .option('--times <n>', 'as if there were n of each', wholeNumber('a whole number', 1, MOST_TIMES))
    .option(
      '--writes-per-second <n>',
      'the pace, in place of secretWritesPerSecond of the settings',
      wholeNumber('a whole number', 1, MOST_PER_SECOND),
    )
    .option('--settings <path>', `the file of settings (default: ${SETTINGS} beside it)`)
    .addHelpText('after', '\nExample:\n  evertoken fit --times 5000 --writes-per-second 48')
    .action(
      run(async (context, file: string | undefined, options: FitOptions) => {
        const { times = 1 } = options;
        const connections = await readConnections(file ?? 'connections.json');
        const settings = await readSettings(file ?? 'connections.json', options);
        const problems = await problemsOf(connections);
        const all = [...connections.values()].map((definition) => ({ definition }));
        const repeat = <T>(each: readonly T[]) => Array.from({ length: times }, () => each).flat();
        const fit = fleetFit(repeat(await secretLoads(all, loadPreset)), settings.secretWritesPerSecond);
        const parameters = repeat(await parameterLoad(all, loadPreset));
        const tooMany = [
          fit && tooManySecretWrites(fit, settings.secretWritesPerSecond),
          tooManyParameterWrites(parameters, settings.parameterWritesPerSecond),
        ].filter((each) => each !== undefined);
        const fits = tooMany.length === 0 && problems.every(({ level }) => level !== 'error');
        context.show({
          text: [
            ...problems.map(({ level, message }) => `${level}: ${message}`),
            ...tooMany.map(({ message, remedy }) => `too many: ${sentence(message)} ${sentence(remedy)}`),
            ...(fit && !(tooMany.length > 0)
              ? [sentence(paceText(fit, settings.secretWritesPerSecond))]
              : []),
            ...(fit ? [] : ['No refresh writes a secret.']),
          ].join('\n'),
          json: {
            fits,
            connections: connections.size * times,
            secretWritesPerSecond: settings.secretWritesPerSecond,
            parameterWritesPerSecond: settings.parameterWritesPerSecond,
            secrets: fit ?? null,
            parameterWrites: parameters.reduce((sum, each) => sum + each, 0),
            problems: [...problems.map(({ message }) => message), ...tooMany.map(({ message }) => message)],
          },
        });
        return fits ? undefined : EXIT.failed;
      }),
    );
};

async function readConnections(file: string): Promise<ReadonlyMap<string, Connection>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new WrongUsage(`${file} cannot be read (${error.code}).`);
  });
  const parsed = parseConnections(text, { file, providers: await presetIds() });
  if (!parsed.ok) throw new WrongUsage(parsed.problems.map(fileProblemText).join('\n'));
  return parsed.connections;
}

/** Writes a second. */
interface Pace {
  readonly secretWritesPerSecond: number;
  readonly parameterWritesPerSecond: number;
}

/** What the file of settings says, where there is one, and what is usual. */
async function readSettings(beside: string, { settings: named, writesPerSecond }: FitOptions): Promise<Pace> {
  const file = named ?? join(dirname(beside), SETTINGS);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (named === undefined && error.code === 'ENOENT') return '{}';
    throw new WrongUsage(`${file} cannot be read (${error.code}).`);
  });
  const schema = deploymentSettingsSchema;
  const parsed = parseJsonFile(text, { file, schema, problemsOf: settingsProblems });
  if (!parsed.ok) throw new WrongUsage(parsed.problems.map(fileProblemText).join('\n'));
  const { secretWritesPerSecond = USUAL_SETTINGS.secretWritesPerSecond } = parsed.value;
  const { parameterWritesPerSecond = USUAL_SETTINGS.parameterWritesPerSecond } = parsed.value;
  return { secretWritesPerSecond: writesPerSecond ?? secretWritesPerSecond, parameterWritesPerSecond };
}

/** What is wrong with each connection by itself. */
async function problemsOf(connections: ReadonlyMap<string, Connection>) {
  const all = [];
  for (const [name, connection] of connections) {
    try {
      all.push(...checkConnection(name, connection, await presetOf(connection, loadPreset)));
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      all.push({ level: 'error' as const, message: `connection "${name}": ${error.message}` });
    }
  }
  return all;
}
