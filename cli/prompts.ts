import { Secret } from '../functions/oauth/secret.ts';
import { inert } from '../functions/text/inert.ts';
import { CommandFailed, WrongUsage } from './command-failed.ts';
import type { Io } from './io.ts';

type PromptIo = Pick<Io, 'stdin' | 'stderr' | 'signal'>;

/** `true` where the value will do, else why not. */
type Validate = (value: string) => true | string;

/** Whether there is a person to ask. */
export function isInteractive({ stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** How inquirer says that the person pressed Ctrl-C, or that the command was interrupted. */
const PROMPT_ENDED = new Set(['ExitPromptError', 'AbortPromptError', 'CancelPromptError']);

/** Whether a person gave up instead of answering. */
export function isPromptEnded(error: unknown): boolean {
  return error instanceof Error && PROMPT_ENDED.has(error.name);
}

/** Prompts go where remarks go: standard output is for results. They draw by themselves, so what they say is made inert here. */
function promptContext({ stdin, stderr, signal }: PromptIo) {
  return { input: stdin, output: stderr.terminal as NodeJS.WritableStream, signal };
}

export async function askText(
  io: PromptIo,
  message: string,
  { validate, suggestion }: { readonly validate?: Validate; readonly suggestion?: string | undefined } = {},
): Promise<string> {
  const { default: input } = await import('@inquirer/input');
  const judge = (value: string) => {
    const verdict = validate?.(value.trim()) ?? true;
    return verdict === true ? verdict : inert(verdict);
  };
  return input(
    {
      message: inert(message),
      validate: judge,
      ...(suggestion !== undefined && { default: suggestion }),
    },
    promptContext(io),
  ).then((value) => value.trim());
}

/** Shows nothing of what is typed or pasted, not even its length. */
export async function askSecret(io: PromptIo, message: string): Promise<Secret> {
  const { default: password } = await import('@inquirer/password');
  const validate = (value: string) => (value === '' ? 'This cannot be empty.' : true);
  return new Secret(await password({ message: inert(message), mask: false, validate }, promptContext(io)));
}

export async function choose(
  io: PromptIo,
  message: string,
  choices: readonly { readonly name: string; readonly value: string }[],
): Promise<string> {
  const { default: select } = await import('@inquirer/select');
  const shown = choices.map(({ name, value }) => ({ name: inert(name), value }));
  return select({ message: inert(message), choices: shown }, promptContext(io));
}

export async function chooseSome(
  io: PromptIo,
  message: string,
  choices: readonly string[],
  chosen: readonly string[],
): Promise<string[]> {
  const { default: checkbox } = await import('@inquirer/checkbox');
  return checkbox(
    {
      message: inert(message),
      required: true,
      choices: choices.map((value) => ({ name: inert(value), value, checked: chosen.includes(value) })),
    },
    promptContext(io),
  );
}

export async function confirm(io: PromptIo, message: string): Promise<boolean> {
  const { default: ask } = await import('@inquirer/confirm');
  return ask({ message: inert(message), default: false }, promptContext(io));
}

/**
 * Asks whether to go on, unless `yes` says so already.
 * @throws WrongUsage where there is nobody to ask, CommandFailed when they would rather not
 */
export async function makeSure(io: PromptIo, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!isInteractive(io)) throw new WrongUsage('There is no terminal to ask at: give --yes.');
  if (!(await confirm(io, question))) throw new CommandFailed('Nothing was changed.');
}
