import { Command, InvalidArgumentError } from 'commander';
import type { Output } from './text/screen.ts';

/** Help fits a terminal of 80 columns. */
const HELP_WIDTH = 80;

/**
 * A program that prints plain text to these outputs alone and never ends the process: parsing throws
 * CommanderError once it has printed what is wrong, or the help (with exit code 0).
 * @param name how a person calls it
 */
export function createProgram(
  name: string,
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output },
): Command {
  return new Command(name)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) => write(withoutValues(text)),
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpOption('-h, --help', 'print this')
    .helpCommand(false);
}

/** What was mistyped may hold a secret: of `--secret=…` only the name is repeated, of words too many nothing. */
function withoutValues(text: string): string {
  return text.replace(/(--?[\w-]+)=[^']*/g, '$1').replace(/( but got \d+): .*/s, '$1.\n');
}

/** Reads the value of an option, both bounds included. `what` is expected, in words: "a port". */
export function wholeNumber(what: string, least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected ${what} from ${least} to ${most}.`);
  };
}
