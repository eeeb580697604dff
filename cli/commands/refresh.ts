import type { ConnectionState } from '../../functions/refresh/connection-state.ts';
import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import { didYouMean } from '../../functions/text/near-name.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { CommandFailed, WrongUsage } from '../command-failed.ts';
import { meantConnections } from '../connections/meant-connections.ts';
import { allConnections } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { refreshText } from '../text/refresh-text.ts';

/** Small enough that a batch ends long before the function must. */
const BATCH_SIZE = 20;

/** `evertoken refresh`: asks the deployment to refresh connections now. */
export const refreshCommand: CommandModule = (program, run) => {
  program
    .command('refresh')
    .description(
      'Refreshes connections that are due, now, and says what came of each. A connection that is not due is "fresh" and left alone, unless --force asks for a new token.',
    )
    .argument('[connections...]', `names, or patterns such as 'crm-*'`)
    .option('--all', 'every connection that is not paused')
    .option('--force', 'obtain new tokens though they are not due')
    .option('--yes', 'do not ask, where a pattern forces more than one')
    .addHelpText(
      'after',
      "\nExamples:\n  evertoken refresh crm --force\n  evertoken refresh 'books/*'\n  evertoken refresh --all",
    )
    .action(
      run(
        async (
          context,
          words: string[],
          { all = false, force = false, yes = false }: { all?: boolean; force?: boolean; yes?: boolean },
        ) => {
          if (all === words.length > 0)
            throw new WrongUsage('Name the connections to refresh, or give --all.');
          const deployment = await context.deployment();
          const asked = { only: isActive, yes, ...(force && { verb: 'Force a refresh of' }) };
          const wanted = all
            ? (await allConnections(deployment)).filter(isActive).map(({ name }) => name)
            : await meantConnections(words, asked, context, deployment);
          const results = await withSuggestions(
            await refreshAll(wanted, force, context, deployment),
            deployment,
          );
          context.show({
            text: refreshText(results, context.io.clock.now(), context),
            json: { results },
          });
          return exitCodeOf(results);
        },
      ),
    );
};

function isActive({ paused }: ConnectionState): boolean {
  return paused !== true;
}

async function refreshAll(
  names: readonly string[],
  force: boolean,
  { io, progress }: CommandContext,
  { refreshFunction }: Deployment,
): Promise<RefreshResult[]> {
  const results: RefreshResult[] = [];
  const shown = names.length > BATCH_SIZE ? progress('refreshing', names.length) : undefined;
  try {
    for (let start = 0; start < names.length; start += BATCH_SIZE) {
      if (io.signal.aborted) {
        throw new CommandFailed(
          `Interrupted: ${results.length} of ${names.length} were asked for; the tick refreshes what is due.`,
        );
      }
      results.push(...(await refreshFunction.refresh(names.slice(start, start + BATCH_SIZE), force)));
      shown?.step(results.length);
    }
    return results;
  } finally {
    shown?.finish();
  }
}

/** Of what is not registered, the name that was meant. */
async function withSuggestions(
  results: readonly RefreshResult[],
  deployment: Deployment,
): Promise<readonly RefreshResult[]> {
  if (!results.some(({ outcome }) => outcome === 'unknown-connection')) return results;
  const names = (await allConnections(deployment)).map(({ name }) => name);
  return results.map((result) => {
    const { connection, outcome, error } = result;
    if (outcome !== 'unknown-connection' || error === null) return result;
    return { ...result, error: { ...error, message: `${error.message}${didYouMean(connection, names)}` } };
  });
}

/** A connection that needs a person counts before one that only failed. */
function exitCodeOf(results: readonly RefreshResult[]): ExitCode {
  if (results.some(({ need }) => need !== null)) return EXIT.needsHuman;
  const done = results.every(({ outcome }) => outcome === 'refreshed' || outcome === 'fresh');
  return done ? EXIT.done : EXIT.failed;
}
