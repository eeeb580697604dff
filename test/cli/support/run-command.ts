import { Readable } from 'node:stream';
import { COMMANDS } from '../../../cli/commands.ts';
import type { ProcessIo } from '../../../cli/io.ts';
import { runCli } from '../../../cli/run-cli.ts';
import { systemClock, systemRandom } from '../../../functions/handlers/system-clock.ts';
import type { Clock } from '../../../functions/refresh/ports/outside.ts';
import { assertNoCanary, canarySecret } from '../../support/canary.ts';
import { type Dialogue, outputOf, typist } from './typed-terminal.ts';

export interface RunOptions {
  /** Where AWS is. Default: nowhere, for commands that ask it for nothing. */
  readonly endpointUrl?: string;
  readonly clock?: Clock;
  /** What is piped in. Default: nothing. */
  readonly stdin?: string;
  /** What a person at a terminal is asked and types. Default: there is no terminal. */
  readonly typed?: Dialogue;
  readonly env?: Readonly<Record<string, string>>;
  /** Variables of the process, which the SDK reads; `undefined` unsets one. */
  readonly awsEnv?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Colour and redrawing, as for a terminal. Default false. */
  readonly terminal?: boolean;
  /** Of the terminal. Default 80. */
  readonly columns?: number;
  /** What is printed may hold a secret: of `token` alone. Default false. */
  readonly printsSecret?: boolean;
  readonly onWrite?: (text: string) => void;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command in this process, as a person would. Fails when it prints a secret. */
export async function runCommand(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  useAws(options);
  const stdout = outputOf(options, options.terminal ?? false);
  const stderr = outputOf(options, options.terminal ?? options.typed !== undefined);
  const io: ProcessIo = {
    stdin: options.typed ? typist(options.typed, stderr) : Readable.from([options.stdin ?? '']),
    stdout: stdout.output,
    stderr: stderr.output,
    env: { ...awsVariables(), ...options.env },
    clock: options.clock ?? systemClock,
    random: systemRandom,
    signal: options.signal ?? new AbortController().signal,
  };
  const exitCode = await runCli(args, io, COMMANDS);
  const result = { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  if (!options.printsSecret) assertNoCanary(result.stdout, `the output of evertoken ${args.join(' ')}`);
  assertNoCanary(result.stderr, `the remarks of evertoken ${args.join(' ')}`);
  return result;
}

/** The same text whenever it was printed: instants are replaced. */
export function timeless(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<instant>');
}

/** The environment in which the SDK looks, with nothing of this machine's. */
function useAws({ endpointUrl, awsEnv = {} }: RunOptions): void {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('AWS_'))) {
    delete process.env[name];
  }
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpointUrl ?? 'http://127.0.0.1:9',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'fake-access-key',
    AWS_SECRET_ACCESS_KEY: canarySecret('aws-secret-access-key'),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  for (const [name, value] of Object.entries(awsEnv)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** What the SDK sees the command sees, too. */
function awsVariables(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')));
}
