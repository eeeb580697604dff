import type { Argument, Command, Option } from 'commander';

/** A word that may stand at the end of a line, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What may stand at the end of a line, by the program's own definition. */
export interface Expected {
  readonly words: readonly Candidate[];
  /** What a value is called in the help, such as `connection`; absent where none may stand. */
  readonly value?: string;
}

/** Where the cursor is: after which command, which of its words, the value of which option. */
interface Place {
  readonly command: Command;
  readonly operands: number;
  readonly option: Option | undefined;
  /** After `--` nothing is an option. */
  readonly isLiteral: boolean;
  readonly isHelp: boolean;
}

/** The line of which the last word is yet to be written; each command that it names must be loaded. */
export function expectedWords(program: Command, words: readonly string[]): Expected {
  const current = words.at(-1) ?? '';
  const place = placeAfter(program, words.slice(0, -1));
  const { command, option, operands, isLiteral, isHelp } = place;
  if (option !== undefined) return choicesOf(option, nameOfValue(option));
  if (current.startsWith('-') && !isLiteral) return { words: optionsOf(program, command) };
  const commands = operands === 0 ? commandsOf(program, command, isHelp) : [];
  const argument = isHelp ? undefined : argumentAt(command, operands);
  if (argument === undefined) return { words: commands };
  const { words: choices, value } = choicesOf(argument, argument.name());
  return { words: [...commands, ...choices], ...(value !== undefined && { value }) };
}

function placeAfter(program: Command, before: readonly string[]): Place {
  let command = program;
  let operands = 0;
  let option: Option | undefined;
  let isLiteral = false;
  let isHelp = false;
  for (const word of before) {
    const isOption = word.startsWith('-') && !isLiteral;
    if (option !== undefined && !isOption) {
      if (!option.variadic) option = undefined;
    } else if (isOption) {
      isLiteral = word === '--';
      option = takesNext(optionNamed(program, command, word), word);
    } else if (command === program && word === 'help') {
      isHelp = true;
    } else {
      const next = operands === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      if (next === undefined) operands += 1;
      else command = next;
    }
  }
  return { command, operands, option, isLiteral, isHelp };
}

function optionNamed(program: Command, command: Command, word: string): Option | undefined {
  const [flag] = word.split('=');
  return [...command.options, ...program.options].find(({ long, short }) => flag === long || flag === short);
}

function takesNext(option: Option | undefined, word: string): Option | undefined {
  return option?.required && !word.includes('=') ? option : undefined;
}

function choicesOf({ argChoices }: Pick<Option | Argument, 'argChoices'>, value: string): Expected {
  return argChoices === undefined
    ? { words: [], value }
    : { words: argChoices.map((word) => ({ word, description: '' })) };
}

/** Of `--file <path>` the path; of `--credentials <name>` the credentials, whose name it is. */
function nameOfValue({ flags, long }: Option): string {
  const name = /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '';
  return name === 'name' ? (long?.slice(2) ?? '') : name;
}

function optionsOf(program: Command, command: Command): readonly Candidate[] {
  const all = [...new Set([...command.options, ...program.options])];
  return [
    ...all
      .filter(({ hidden }) => !hidden)
      .map(({ long, flags, description }) => ({ word: long ?? flags, description })),
    { word: '--help', description: 'print the help' },
  ];
}

function commandsOf(program: Command, command: Command, isHelp: boolean): readonly Candidate[] {
  const known = command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ word: each.name(), description: each.summary() || each.description() }));
  const help = { word: 'help', description: 'print the help of a command' };
  return command === program && !isHelp ? [...known, help] : known;
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
}
