import type { BackgroundWork } from './background-work.ts';
import { arn, type Identity } from './caller-identity.ts';

/** The part of Lambda's context that the project reads. */
export interface FunctionContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  /** Milliseconds until the function is given up, by the endpoint's clock. */
  getRemainingTimeInMillis(): number;
}

/** `event` is whatever JSON was sent, as in Lambda. */
// biome-ignore lint/suspicious/noExplicitAny: a handler names the type of its own event, unchecked, as on Lambda
export type FunctionHandler = (event: any, context: FunctionContext) => unknown;

export interface FunctionOptions {
  /** @default 300_000 */
  readonly timeoutMs?: number;
  /** Told to the function; nothing enforces it. @default 256 */
  readonly memoryLimitInMB?: number;
}

export interface FunctionResult {
  /** JSON. */
  readonly payload: string;
  /** Whether the payload is the error of the function. */
  readonly failed: boolean;
}

interface RegisteredFunction {
  readonly handler: FunctionHandler;
  readonly timeoutMs: number;
  readonly memoryLimitInMB: number;
}

/** The functions that can be invoked; the host registers them. */
export class LocalFunctions {
  readonly #identity: Identity;
  readonly #background: BackgroundWork;
  readonly #byName = new Map<string, RegisteredFunction>();

  constructor(identity: Identity, background: BackgroundWork) {
    this.#identity = identity;
    this.#background = background;
  }

  /** Registers or replaces a function. */
  set(name: string, handler: FunctionHandler, options: FunctionOptions = {}): void {
    const { timeoutMs = 300_000, memoryLimitInMB = 256 } = options;
    this.#byName.set(name, { handler, timeoutMs, memoryLimitInMB });
  }

  delete(name: string): void {
    this.#byName.delete(name);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  arnOf(name: string): string {
    return arn(this.#identity, 'lambda', `function:${name}`);
  }

  /**
   * Runs a function to its end or its time-out, and answers as Lambda does: what the function throws is a
   * result. A function that timed out cannot be stopped in process; its later result is dropped.
   * @throws Error when no function has this name
   */
  async run(
    name: string,
    event: unknown,
    awsRequestId = this.#identity.random.uuid(),
  ): Promise<FunctionResult> {
    const registered = this.#byName.get(name);
    if (!registered) throw new Error(`No function is registered as ${name}.`);
    const { handler, timeoutMs } = registered;
    const context = this.#context(name, registered, awsRequestId);
    const timeout = Promise.withResolvers<FunctionResult>();
    const timer = setTimeout(() => timeout.resolve(timedOut(awsRequestId, timeoutMs)), timeoutMs);
    try {
      return await this.#background.track(Promise.race([settle(handler, event, context), timeout.promise]));
    } finally {
      clearTimeout(timer);
    }
  }

  #context(
    name: string,
    { timeoutMs, memoryLimitInMB }: RegisteredFunction,
    awsRequestId: string,
  ): FunctionContext {
    const { clock } = this.#identity;
    const endsAt = clock.now() + timeoutMs;
    return {
      awsRequestId,
      functionName: name,
      invokedFunctionArn: this.arnOf(name),
      memoryLimitInMB: String(memoryLimitInMB),
      getRemainingTimeInMillis: () => Math.max(0, endsAt - clock.now()),
    };
  }
}

async function settle(
  handler: FunctionHandler,
  event: unknown,
  context: FunctionContext,
): Promise<FunctionResult> {
  try {
    const result = await handler(event, context);
    return { payload: JSON.stringify(result) ?? 'null', failed: false };
  } catch (error) {
    return { payload: JSON.stringify(describe(error)), failed: true };
  }
}

function describe(error: unknown): object {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
}

function timedOut(awsRequestId: string, timeoutMs: number): FunctionResult {
  const seconds = (timeoutMs / 1000).toFixed(2);
  const errorMessage = `RequestId: ${awsRequestId} Error: Task timed out after ${seconds} seconds`;
  return { payload: JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage }), failed: true };
}
