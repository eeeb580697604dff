import { type Command, CommanderError } from 'commander';
import { type CommandContext, type CommandEntry, createContext, type Run } from './command-context.ts';
import { addCommands, evertokenProgram } from './evertoken-program.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Io, ProcessIo } from './io.ts';
import { screenOn } from './text/screen.ts';

/**
 * Runs one command. Everything that it prints goes to the outputs of `outside`, and through screens; it never
 * throws.
 * @param args what follows the name of the command
 */
export async function runCli(
  args: readonly string[],
  outside: ProcessIo,
  commands: readonly CommandEntry[],
): Promise<ExitCode> {
  const io: Io = {
    ...outside,
    stdout: screenOn(outside.stdout, outside),
    stderr: screenOn(outside.stderr, outside),
  };
  let exitCode: ExitCode = EXIT.done;
  let context: CommandContext | undefined;
  const run: Run =
    (work) =>
    async (...all) => {
      const command = all.at(-1) as Command;
      context = createContext(io, command.optsWithGlobals() as GlobalOptions);
      exitCode = (await work(context, ...(all.slice(0, -1) as never))) ?? EXIT.done;
    };
  const program = evertokenProgram(io, io.env);
  try {
    const { operands } = program.parseOptions([...args]);
    const words = operands[0] === HELP ? operands.slice(1) : operands;
    await addCommands(program, run, commands, words[0]);
    const wanted = operands[0] === HELP ? helpOn(program, words) : args;
    await program.parseAsync(known(program, words) ? [...wanted] : words.slice(0, 1), { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    // With every kind of error that there is: help has none.
    const { explainError } = await import('./explain-error.ts');
    const explained = explainError(error, context?.where ?? program.opts<GlobalOptions>());
    const text =
      context?.options.json === true
        ? JSON.stringify({ error: explained })
        : `${io.stderr.paint('red', 'error:')} ${explained.message}`;
    io.stderr.write(`${text}\n`);
    return explained.exitCode;
  }
}

/** `evertoken help …` is `evertoken … --help`. */
const HELP = 'help';

/** What asks for the help of the command that the words name; what follows its name is no matter of help. */
function helpOn(program: Command, words: readonly string[]): string[] {
  const path: string[] = [];
  for (let at = program; at.commands.length > 0 && path.length < words.length; ) {
    const name = words[path.length] ?? '';
    const next = at.commands.find((command) => command.name() === name);
    // Commander says what is wrong with it, and what is near.
    if (next === undefined) return [...path, name];
    path.push(name);
    at = next;
  }
  return [...path, '--help'];
}

/** Of an unknown command no help is printed, since it would be that of the program. */
function known(program: Command, [name]: readonly string[]): boolean {
  return name === undefined || program.commands.some((command) => command.name() === name);
}
