import type { Command } from 'commander';
import type { Deployment } from './deployment.ts';
import type { ExitCode } from './exit-code.ts';
import type { Where } from './explain-error.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import type { Paint } from './text/colour.ts';
import { type Progress, showProgress } from './text/progress.ts';
import type { Output } from './text/screen.ts';

/** What a command works with. */
export interface CommandContext {
  readonly io: Io;
  readonly options: GlobalOptions;
  readonly paint: Paint;
  /** Columns of a terminal that tables must give way to; absent where they may be as wide as they are. */
  readonly width: number | undefined;
  /** The deployment that the options name. @throws WrongUsage */
  deployment(): Promise<Deployment>;
  /** Which one that is, as far as it is known. */
  readonly where: Where;
  /** Prints the result: text for a person, or JSON. */
  show(result: { readonly text: string; readonly json: unknown }): void;
  /** Says something that is no result. */
  remark(text: string): void;
  progress(what: string, total: number): Progress;
}

/** Does a command's work; answers with an exit code other than 0 where there is one. */
export type Work<Arguments extends unknown[]> = (
  context: CommandContext,
  ...args: Arguments
) => Promise<ExitCode | undefined>;

/** Makes a commander action of a command's work. */
export type Run = <Arguments extends unknown[]>(
  work: Work<Arguments>,
) => (...args: [...Arguments, Command]) => Promise<void>;

/** Adds a command to the program. */
export type CommandModule = (program: Command, run: Run) => void;

/** A command by what the help of the program says of it. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** For programs, and in no help. Default false. */
  readonly hidden?: boolean;
  /** Loads all that it needs, too. */
  load(): Promise<CommandModule>;
}

export function createContext(io: Io, options: GlobalOptions): CommandContext {
  let where: Where = options;
  return {
    io,
    options,
    paint: io.stdout.paint,
    // A person may change the size of the terminal meanwhile.
    get width() {
      return widthOf(io.stdout);
    },
    deployment: async () => {
      // Loaded only now: help and mistakes are answered at once.
      const { openDeployment } = await import('./deployment.ts');
      const deployment = await openDeployment(options, io);
      where = deployment;
      return deployment;
    },
    get where() {
      return where;
    },
    show: ({ text, json }) => {
      io.stdout.write(options.json === true ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
    },
    remark: (text) => void io.stderr.write(`${text}\n`),
    progress: (what, total) => showProgress(io.stderr, what, total),
  };
}

/** Some pseudo-terminals say that they have 0 columns. */
function widthOf({ isTTY, columns = 0 }: Output): number | undefined {
  return isTTY === true && columns > 0 ? columns : undefined;
}
