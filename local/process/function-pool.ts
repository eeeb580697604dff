import type { FunctionContext } from '../aws/function-registry.ts';
import { type FunctionCode, type FunctionObserver, FunctionProcess } from './function-process.ts';
import type { FunctionError } from './messages.ts';

export interface FunctionPoolOptions extends FunctionCode, FunctionObserver {
  readonly timeoutMs: number;
}

/**
 * The processes of one function. An invocation gets one that is free, or a new one, as on Lambda; they stay
 * for the next.
 */
export class FunctionPool {
  readonly #options: FunctionPoolOptions;
  readonly #processes = new Set<FunctionProcess>();
  readonly #free: FunctionProcess[] = [];

  constructor(options: FunctionPoolOptions) {
    this.#options = options;
  }

  /** @throws FunctionThrew when the function does, cannot be loaded, ends or is killed */
  async invoke(event: unknown, context: FunctionContext): Promise<unknown> {
    const { timeoutMs } = this.#options;
    // Time begins before the process does.
    const endsAt = Date.now() + timeoutMs;
    const found = this.#free.pop();
    const worker = found?.ended === false ? found : new FunctionProcess(this.#options, this.#options);
    this.#processes.add(worker);
    const { awsRequestId, functionName, invokedFunctionArn, memoryLimitInMB } = context;
    const told = { awsRequestId, functionName, invokedFunctionArn, memoryLimitInMB };
    const answer = await worker.invoke({ event, endsAt, context: told }, timeoutMs);
    if (worker.ended) this.#processes.delete(worker);
    else this.#free.push(worker);
    if ('error' in answer) throw new FunctionThrew(answer.error);
    return JSON.parse(answer.payload);
  }

  /** Kills every process. */
  close(): void {
    for (const worker of this.#processes) worker.kill();
  }
}

/** What a function threw in its process, under the same name. */
export class FunctionThrew extends Error {
  constructor({ errorType, errorMessage, trace }: FunctionError) {
    super(errorMessage);
    this.name = errorType;
    this.stack = trace.join('\n');
  }
}
