import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Answer, Invocation, RefusedLookup } from './messages.ts';
import { runtimeText } from './runtime-text.ts';

export interface FunctionCode {
  /** Folder of the bundle. The process can read nothing else of the machine. */
  readonly folder: string;
  /** `<file>.<export>`. */
  readonly handler: string;
  /** All that the process finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names that the process may look up beside this machine's own. Default: none. */
  readonly lookups?: readonly string[];
}

/** Told of what a function does beside answering. */
export interface FunctionObserver {
  /** Each text that it writes. */
  readonly onOutput: (text: string) => void;
  /** Each name that it may not look up. */
  readonly onRefusedLookup?: ((hostname: string) => void) | undefined;
}

/** One process of a function, for one invocation at a time, as Lambda's execution environments are. */
export class FunctionProcess {
  readonly #child: ChildProcess;
  #pending: ((answer: Answer) => void) | undefined;
  #requestId = '';
  #ended = false;

  constructor({ folder, handler, environment, lookups = [] }: FunctionCode, observer: FunctionObserver) {
    const [file, name] = handler.split('.');
    // A bundle must hold all that it needs: nothing can be found beside it.
    const options = ['--permission', `--allow-fs-read=${join(folder, '*')}`, '--input-type=module', '-'];
    this.#child = spawn(
      process.execPath,
      [...options, join(folder, `${file}.mjs`), `${name}`, lookups.join(',')],
      { env: environment, stdio: ['pipe', 'pipe', 'pipe', 'ipc'], serialization: 'json' },
    );
    // A process that ends before it has read all says so itself.
    this.#child.stdin?.on('error', () => undefined).end(runtimeText());
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', observer.onOutput);
    }
    this.#child.on('message', (message: Answer | RefusedLookup) => {
      if ('refusedLookup' in message) observer.onRefusedLookup?.(message.refusedLookup);
      else this.#settle(message);
    });
    this.#child.on('error', () => this.#exited('could not be started'));
    this.#child.on('exit', (code, signal) =>
      this.#exited(signal ? `signal: ${signal}` : `exit status ${code}`),
    );
  }

  /** Whether the process is gone, or about to go. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Runs to the end of the invocation, or of the process. `endsAt` is kept by killing it. */
  async invoke(invocation: Invocation, timeoutMs: number): Promise<Answer> {
    const answered = Promise.withResolvers<Answer>();
    this.#pending = answered.resolve;
    this.#requestId = invocation.context.awsRequestId;
    const timer = setTimeout(() => {
      const errorMessage = `RequestId: ${this.#requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
      this.#settle({ error: { errorType: 'Sandbox.Timedout', errorMessage, trace: [] } });
      this.kill();
    }, invocation.endsAt - Date.now());
    try {
      if (this.#ended) this.#exited('it had ended');
      else this.#child.send(invocation, (error) => error && this.#exited('it could not be reached'));
      return await answered.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  kill(): void {
    this.#ended = true;
    this.#child.kill('SIGKILL');
  }

  #settle(answer: Answer): void {
    this.#pending?.(answer);
    this.#pending = undefined;
  }

  #exited(how: string): void {
    this.#ended = true;
    const errorMessage = `RequestId: ${this.#requestId} Error: Runtime exited with error: ${how}`;
    this.#settle({ error: { errorType: 'Runtime.ExitError', errorMessage, trace: [] } });
  }
}
