import {
  type CommandContext,
  type CommandEntry,
  type CommandModule,
  createContext,
} from '../command-context.ts';
import { type Candidate, expectedWords } from '../completion/expected-words.ts';
import { knownValues } from '../completion/known-values.ts';
import { COMPLETE, FILES } from '../completion/shells.ts';
import { addCommands, evertokenProgram } from '../evertoken-program.ts';
import type { GlobalOptions } from '../global-options.ts';

/**
 * `evertoken __complete`: what may stand at the end of a line, for the scripts of `evertoken completion`. Whatever goes
 * wrong, it prints less: somebody is typing.
 */
export function createCompleteCommand(commands: readonly CommandEntry[]): CommandModule {
  return (program, run) => {
    program
      .command(COMPLETE, { hidden: true })
      .argument('[words...]')
      .action(
        run(async (context, words: string[]) => {
          const found = await candidatesFor(words, commands, context).catch(() => []);
          const lines = found.map(({ word, description }) => `${word} ${oneLine(description)}\n`);
          // Without a description where the shell is to find files itself.
          context.io.stdout.write(found.some(({ word }) => word === FILES) ? `${FILES}\n` : lines.join(''));
          return undefined;
        }),
      );
  };
}

async function candidatesFor(
  words: readonly string[],
  commands: readonly CommandEntry[],
  context: CommandContext,
): Promise<readonly Candidate[]> {
  const { io } = context;
  const nowhere = { write: () => undefined };
  const program = evertokenProgram({ stdout: nowhere, stderr: nowhere }, io.env);
  const { operands } = program.parseOptions(words.slice(0, -1));
  const [name] = operands[0] === 'help' ? operands.slice(1) : operands;
  await addCommands(program, () => async () => undefined, commands, name);
  const { words: known, value } = expectedWords(program, words);
  const options = program.opts<GlobalOptions>();
  const values = await knownValues(value, createContext(io, options));
  return fitting([...known, ...values], words.at(-1) ?? '');
}

/** Those that begin as the word does; of a list with commas its last part is completed. */
function fitting(all: readonly Candidate[], current: string): readonly Candidate[] {
  if (all.some(({ word }) => word === FILES)) return all;
  const direct = all.filter(({ word }) => word.startsWith(current));
  if (direct.length > 0 || !current.includes(',')) return direct;
  const at = current.lastIndexOf(',') + 1;
  const [before, last] = [current.slice(0, at), current.slice(at)];
  return all
    .filter(({ word }) => word.startsWith(last))
    .map(({ word, description }) => ({ word: `${before}${word}`, description }));
}

/** A line feed would end it. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
