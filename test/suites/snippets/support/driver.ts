import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * What a driver answered: the SHA-256 of a token, never the token; an error in words; or that the time has
 * been moved.
 */
export type Answer = { readonly token: string } | { readonly error: string } | { readonly done: true };

/**
 * A process that runs a snippet of one language. It reads commands from its standard input, a line each, and
 * answers each with one line:
 *
 * - `token NAME`: reads the token of a connection;
 * - `rejected NAME`: the same after a 401, with the token that NAME had last;
 * - `later SECONDS`: moves the clock of the snippet, where the language lets a driver do so.
 */
export class Driver {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #printed = '';

  /** @param environment all that the process gets, but PATH and HOME */
  constructor(command: readonly [string, ...string[]], environment: Readonly<Record<string, string>>) {
    const [file, ...parameters] = command;
    const { PATH = '', HOME = '' } = process.env;
    this.#process = spawn(file, parameters, { env: { PATH, HOME, ...environment } });
    const keep = (chunk: Buffer) => {
      this.#printed += chunk.toString();
    };
    this.#process.stdout.on('data', keep);
    this.#process.stderr.on('data', keep);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** All that the process has printed. */
  get printed(): string {
    return this.#printed;
  }

  /** @throws Error when the process ends without an answer */
  async ask(command: 'token' | 'rejected' | 'later', argument: string): Promise<Answer> {
    this.#process.stdin.write(`${command} ${argument}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the driver ended: ${this.#printed}`);
    const [, kind, text = ''] = /^(\w+) ?(.*)$/.exec(value) ?? [];
    if (kind === 'token') return { token: text };
    if (kind === 'error') return { error: text };
    if (kind === 'done') return { done: true };
    throw new Error(`the driver said: ${this.#printed}`);
  }

  /** @returns the exit code */
  async end(): Promise<number | null> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await once(this.#process, 'close');
    return this.#process.exitCode;
  }
}
