import { type Command, Help } from 'commander';
import { VERSION } from '../functions/oauth/request/http-request.ts';
import type { CommandEntry, Run } from './command-context.ts';
import { addGlobalOptions } from './global-options.ts';
import { createProgram } from './program.ts';
import type { Output } from './text/screen.ts';

/** The program without its commands. */
export function evertokenProgram(
  outputs: { readonly stdout: Output; readonly stderr: Output },
  env: Readonly<Record<string, string | undefined>>,
): Command {
  const program = createProgram('evertoken', outputs)
    .commandsGroup('OAuth 2.0 access tokens that are always fresh in AWS Secrets Manager:')
    .version(VERSION)
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      // Those of the program are described once, below its help.
      visibleOptions: (command) => (command.parent ? [...command.options] : []),
      formatHelp: (command, helper) => {
        const text = Help.prototype.formatHelp.call(helper, command, helper);
        return command.parent ? text : text.replace('\n\n', '\n');
      },
    })
    .usage('<command> [options]')
    .showSuggestionAfterError()
    .addHelpText('afterAll', ({ command }) => (command.parent ? COMMAND_HELP : GLOBAL_HELP));
  return addGlobalOptions(program, env);
}

/** With it, each command's help and the program's own fit a screen of 24 lines. */
const GLOBAL_HELP = `All: --namespace (or EVERTOKEN_NAMESPACE), --region, --profile, --json, --help.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 needs a human.`;
const COMMAND_HELP = 'Also: --namespace, --region, --profile, --json (see evertoken --help).';

/** All commands, in their order: of the one that is wanted all, of the others what a list of them says. */
export async function addCommands(
  program: Command,
  run: Run,
  commands: readonly CommandEntry[],
  wanted: string | undefined,
): Promise<void> {
  for (const { name, summary, hidden = false, load } of commands) {
    if (name === wanted) (await load())(program, run);
    else program.command(name, { hidden });
    program.commands.at(-1)?.summary(summary);
  }
}
