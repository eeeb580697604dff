import type { CommandContext, CommandModule } from '../command-context.ts';
import { type ConnectionStatus, exitCodeOfNeeds, statusOf } from '../connections/connection-status.ts';
import { allConnections, registeredConnection } from '../connections/registered-connections.ts';
import type { Deployment } from '../deployment.ts';
import type { ExitCode } from '../exit-code.ts';
import { refusedRequestWords } from '../text/refused-request-text.ts';
import { statusDetail, statusTable } from '../text/status-text.ts';

const WATCH_EVERY_MS = 2_000;

interface Shown {
  readonly text: string;
  readonly json: ConnectionStatus | readonly ConnectionStatus[];
}

/** `evertoken status`: how connections stand, and what to do about those that do not. */
export const statusCommand: CommandModule = (program, run) => {
  program
    .command('status')
    .description(
      'Shows how connections stand: health, expiry, next refresh, and for each that fails the error in words and what to do about it. Exits with 3 when one needs a human.',
    )
    .argument('[connection]', 'one connection, with everything known of it')
    .option('--watch', 'show it again every 2 seconds until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  evertoken status\n  evertoken status crm\n  evertoken status --watch',
    )
    .action(
      run(async (context, name: string | undefined, { watch = false }: { watch?: boolean }) => {
        const deployment = await context.deployment();
        const look = () =>
          name === undefined ? lookAtAll(context, deployment) : lookAt(name, context, deployment);
        if (!watch) {
          const shown = await look();
          context.show(shown);
          return exitCodeOf(shown);
        }
        return watchUntilInterrupted(context, look);
      }),
    );
};

async function lookAtAll(context: CommandContext, deployment: Deployment): Promise<Shown> {
  const { io, options } = context;
  const states = await allConnections(deployment);
  const now = io.clock.now();
  const json = states.map((state) => statusOf(state, now, options.namespace));
  const refused = refusedRequestWords(await deployment.state.refusedRequest(), now);
  const text = statusTable(json, now, context);
  return { text: refused ? `${text}\n\n${refused.message}\n  To do: ${refused.remedy}` : text, json };
}

async function lookAt(
  name: string,
  { io, options, paint }: CommandContext,
  deployment: Deployment,
): Promise<Shown> {
  const state = await registeredConnection(name, deployment);
  const now = io.clock.now();
  const json = statusOf(state, now, options.namespace);
  return { text: statusDetail(json, state, now, paint), json };
}

/** Redraws a terminal; to anything else each look is added below the last, in JSON one a line. */
async function watchUntilInterrupted(
  { io, options }: CommandContext,
  look: () => Promise<Shown>,
): Promise<ExitCode> {
  const { stdout, clock, signal } = io;
  for (;;) {
    const shown = await look();
    if (options.json === true) stdout.write(`${JSON.stringify(shown.json)}\n`);
    else if (stdout.isTTY === true) stdout.rewrite(`${shown.text}\n`);
    else stdout.write(`${shown.text}\n\n`);
    await clock.sleep(WATCH_EVERY_MS, signal);
    if (signal.aborted) return exitCodeOf(shown);
  }
}

function exitCodeOf({ json }: Shown): ExitCode {
  return exitCodeOfNeeds([json].flat());
}
