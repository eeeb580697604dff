import type { RefreshResult } from '../../functions/refresh/refresh-result.ts';
import type { CommandContext, CommandModule } from '../command-context.ts';
import { CommandFailed, WrongUsage } from '../command-failed.ts';
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
    .argument('[connections...]', 'names of connections')
    .option('--all', 'every connection that is not paused')
    .option('--force', 'obtain new tokens though they are not due')
    .addHelpText('after', '\nExamples:\n  evertoken refresh crm --force\n  evertoken refresh --all')
    .action(
      run(
        async (
          context,
          names: string[],
          { all = false, force = false }: { all?: boolean; force?: boolean },
        ) => {
          if (all === names.length > 0)
            throw new WrongUsage('Name the connections to refresh, or give --all.');
          const deployment = await context.deployment();
          const wanted = all ? await notPaused(deployment) : [...new Set(names)];
          const results = await refreshAll(wanted, force, context, deployment);
          context.show({
            text: refreshText(results, context.io.clock.now(), context),
            json: { results },
          });
          return exitCodeOf(results);
        },
      ),
    );
};

async function notPaused(deployment: Deployment): Promise<string[]> {
  const states = await allConnections(deployment);
  return states.filter(({ paused }) => paused !== true).map(({ name }) => name);
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

/** A connection that needs a person counts before one that only failed. */
function exitCodeOf(results: readonly RefreshResult[]): ExitCode {
  if (results.some(({ need }) => need !== null)) return EXIT.needsHuman;
  const done = results.every(({ outcome }) => outcome === 'refreshed' || outcome === 'fresh');
  return done ? EXIT.done : EXIT.failed;
}
