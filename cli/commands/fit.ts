import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SETTINGS_FILE, USUAL_SETTINGS } from '../../functions/connections/deployment-settings.ts';
import { tooManyParameterWrites } from '../../functions/connections/parameter-writes.ts';
import { fileProblemText } from '../../functions/connections/parse/parse-json-file.ts';
import { parseSettings } from '../../functions/connections/parse/parse-settings.ts';
import { fleetFit, tooManySecretWrites } from '../../functions/connections/secret-writes.ts';
import { loadPreset } from '../../functions/providers/load-preset.ts';
import type { CommandModule } from '../command-context.ts';
import { WrongUsage } from '../command-failed.ts';
import { judgeConnections, readConnectionsFile, readNamedFile } from '../connections/connections-file.ts';
import { parameterLoad } from '../connections/parameter-load.ts';
import { secretLoads } from '../connections/secret-load.ts';
import { EXIT } from '../exit-code.ts';
import { wholeNumber } from '../program.ts';
import { paceText, sentence } from '../text/pace-text.ts';

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
    .argument('[file]', `the file of connections (default: ${USUAL_SETTINGS.connections})`)
    .option('--times <n>', 'as if there were n of each', wholeNumber('a whole number', 1, MOST_TIMES))
    .option(
      '--writes-per-second <n>',
      'the pace, in place of secretWritesPerSecond of the settings',
      wholeNumber('a whole number', 1, MOST_PER_SECOND),
    )
    .option('--settings <path>', `the file of settings (default: ${SETTINGS_FILE} beside it)`)
    .addHelpText('after', '\nExample:\n  evertoken fit --times 5000 --writes-per-second 48')
    .action(
      run(async (context, file = USUAL_SETTINGS.connections, options: FitOptions) => {
        const { times = 1 } = options;
        const connections = await readConnectionsFile(file);
        const pace = await readPace(file, options);
        const problems = await judgeConnections(connections);
        const all = [...connections.values()].map((definition) => ({ definition }));
        const repeat = <T>(each: readonly T[]) => Array.from({ length: times }, () => each).flat();
        const fit = fleetFit(repeat(await secretLoads(all, loadPreset)), pace.secretWritesPerSecond);
        const parameters = repeat(await parameterLoad(all, loadPreset));
        const tooMany = [
          fit && tooManySecretWrites(fit, pace.secretWritesPerSecond),
          tooManyParameterWrites(parameters, pace.parameterWritesPerSecond),
        ].filter((each) => each !== undefined);
        const fits = tooMany.length === 0 && problems.every(({ level }) => level !== 'error');
        context.show({
          text: [
            ...problems.map(({ level, message }) => `${level}: ${message}`),
            ...tooMany.map(({ message, remedy }) => `too many: ${sentence(message)} ${sentence(remedy)}`),
            ...(fit && tooMany.length === 0 ? [sentence(paceText(fit, pace.secretWritesPerSecond))] : []),
            ...(fit ? [] : ['No refresh writes a secret.']),
          ].join('\n'),
          json: {
            fits,
            connections: connections.size * times,
            ...pace,
            secrets: fit ?? null,
            parameterWrites: parameters.reduce((sum, each) => sum + each, 0),
            problems: [...problems.map(({ message }) => message), ...tooMany.map(({ message }) => message)],
          },
        });
        return fits ? undefined : EXIT.failed;
      }),
    );
};

/** Writes a second. */
interface Pace {
  readonly secretWritesPerSecond: number;
  readonly parameterWritesPerSecond: number;
}

/** What the file of settings says, where there is one, and what is usual. */
async function readPace(beside: string, { settings: named, writesPerSecond }: FitOptions): Promise<Pace> {
  const file = named ?? join(dirname(beside), SETTINGS_FILE);
  const text = named !== undefined || existsSync(file) ? await readNamedFile(file) : '{}';
  const parsed = parseSettings(text, file);
  if (!parsed.ok) throw new WrongUsage(parsed.problems.map(fileProblemText).join('\n'));
  const { secretWritesPerSecond = USUAL_SETTINGS.secretWritesPerSecond } = parsed.value;
  const { parameterWritesPerSecond = USUAL_SETTINGS.parameterWritesPerSecond } = parsed.value;
  return { secretWritesPerSecond: writesPerSecond ?? secretWritesPerSecond, parameterWritesPerSecond };
}
