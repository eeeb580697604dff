import type { Clock, Random } from '../functions/refresh/ports/outside.ts';
import type { Output, Screen } from './text/screen.ts';

export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Everything that the program reaches outside itself, but for AWS and the providers. */
export interface ProcessIo {
  readonly stdin: Input;
  /** Results alone: what a script reads. */
  readonly stdout: Output;
  /** Prompts, progress, remarks and errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the person interrupts. */
  readonly signal: AbortSignal;
}

/** The same for a command, which has no way to make a terminal obey the text that it prints. */
export interface Io extends ProcessIo {
  readonly stdout: Screen;
  readonly stderr: Screen;
}
