import { Argument } from 'commander';
import type { CommandModule } from '../command-context.ts';
import { completionScript, SHELLS, type Shell } from '../completion/shells.ts';

/** `evertoken completion`: what a shell needs to complete the words of this command. */
export const completionCommand: CommandModule = (program, run) => {
  program
    .command('completion')
    .description(
      'Prints a script with which a shell completes commands, options, and the names of connections, credentials and presets. It asks this command for them, so that it need not be printed again. Names of connections take the permission to see their state; without it none are offered.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(evertoken completion bash)"      # in ~/.bashrc\n  eval "$(evertoken completion zsh)"       # in ~/.zshrc\n  evertoken completion fish | source       # in ~/.config/fish/config.fish',
    )
    .action(
      run(async ({ show }, shell: Shell) => {
        const script = completionScript(shell);
        show({ text: script.trimEnd(), json: { shell, script } });
        return undefined;
      }),
    );
};
