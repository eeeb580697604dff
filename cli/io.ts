import type { Clock, Random } from '../functions/refresh/ports/outside.ts';

/** Where text goes. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Everything that a command reaches outside itself, but for AWS and the providers. */
export interface Io {
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
