import { type Command, CommanderError } from 'commander';
import { VERSION } from '../functions/oauth/request/http-request.ts';
import { type CommandModule, createContext, type Run } from './command-context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { explainError } from './explain-error.ts';
import { addGlobalOptions, type GlobalOptions } from './global-options.ts';
import type { Io, ProcessIo } from './io.ts';
import { createProgram } from './program.ts';
import { screenOn } from './text/screen.ts';

/**
 * Runs one command. Everything that it prints goes to the outputs of `outside`, and through screens; it never
 * throws.
 * @param args what follows the name of the command
 */
export async function runCli(
  args: readonly string[],
  outside: ProcessIo,
  commands: readonly CommandModule[],
): Promise<ExitCode> {
  const io: Io = {
    ...outside,
    stdout: screenOn(outside.stdout, outside),
    stderr: screenOn(outside.stderr, outside),
  };
  let exitCode: ExitCode = EXIT.done;
  let options: GlobalOptions | undefined;
  const run: Run =
    (work) =>
    async (...all) => {
      const command = all.at(-1) as Command;
      options = command.optsWithGlobals() as GlobalOptions;
      const context = createContext(io, options);
      exitCode = (await work(context, ...(all.slice(0, -1) as never))) ?? EXIT.done;
    };
  const program = evertokenProgram(io);
  for (const add of commands) add(program, run);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    const explained = explainError(error, whereOf(options ?? program.opts(), io));
    const text =
      options?.json === true
        ? JSON.stringify({ error: explained })
        : `${io.stderr.paint('red', 'error:')} ${explained.message}`;
    io.stderr.write(`${text}\n`);
    return explained.exitCode;
  }
}

function whereOf({ namespace, region }: GlobalOptions, { env }: Io) {
  return { namespace, region: region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] };
}

function evertokenProgram(io: Io): Command {
  const program = createProgram('evertoken', io)
    .description('OAuth 2.0 access tokens that are always fresh in AWS Secrets Manager.')
    .version(VERSION)
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      // Those of the program are described once, below its help.
      visibleOptions: (command) => (command.parent ? [...command.options] : []),
    })
    .usage('<command> [options]')
    .showSuggestionAfterError()
    .addHelpText('afterAll', ({ command }) => (command.parent ? COMMAND_HELP : GLOBAL_HELP));
  return addGlobalOptions(program, io.env);
}

/** With it, each command's help and the program's own fit a screen of 24 lines. */
const GLOBAL_HELP = `All: --namespace (or EVERTOKEN_NAMESPACE), --region, --profile, --json, --help.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 needs a human.`;
const COMMAND_HELP = 'Also: --namespace, --region, --profile, --json (see evertoken --help).';
