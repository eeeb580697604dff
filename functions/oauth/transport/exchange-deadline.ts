import { TokenError } from '../token-error.ts';

/** Limits of one exchange, in milliseconds, and of its answer, in bytes. */
export interface ExchangeLimits {
  /** Name lookup, TCP and TLS. */
  readonly connectMs: number;
  /** From the first byte sent to the last of the answer's header. */
  readonly headersMs: number;
  /** The whole body, however lively it drips. */
  readonly bodyMs: number;
  readonly totalMs: number;
  /** The body, compressed or not. */
  readonly maxBytes: number;
}

export const EXCHANGE_LIMITS: ExchangeLimits = {
  connectMs: 3_000,
  headersMs: 10_000,
  bodyMs: 10_000,
  totalMs: 15_000,
  maxBytes: 1_048_576,
};

type Step = 'connect' | 'headers' | 'body';

/**
 * How far one exchange has come. Each step has its limit; all of them together, and the caller's signal,
 * end it too. What an end means depends on one thing: whether anything was sent.
 */
export class ExchangeDeadline {
  readonly #host: string;
  readonly #limits: ExchangeLimits;
  readonly #caller: AbortSignal | undefined;
  readonly #ended = Promise.withResolvers<never>();
  readonly #totalTimer: NodeJS.Timeout;
  #stepTimer: NodeJS.Timeout | undefined;
  #sent = false;
  #over = false;

  /** Starts with the step `connect`. @param host for messages */
  constructor(host: string, limits: ExchangeLimits, caller: AbortSignal | undefined) {
    this.#host = host;
    this.#limits = limits;
    this.#caller = caller;
    // Nobody may be waiting at the moment when it ends.
    this.#ended.promise.catch(() => {});
    this.#totalTimer = setTimeout(() => this.#end('exchange_timeout', 'took too long'), limits.totalMs);
    this.enter('connect');
    caller?.addEventListener('abort', this.#onAbort);
    if (caller?.aborted) this.#onAbort();
  }

  /** Begins a step, `headers` just before the first byte is sent; `false` when it is too late for that. */
  enter(step: Step): boolean {
    clearTimeout(this.#stepTimer);
    if (this.#over) return false;
    if (step !== 'connect') this.#sent = true;
    const problem = `took too long (${step})`;
    const limitMs = this.#limits[`${step}Ms`];
    this.#stepTimer = setTimeout(() => this.#end(`${step}_timeout`, problem), limitMs);
    return true;
  }

  /** The result, unless a limit or the caller ends the exchange first. @throws TokenError */
  race<Value>(result: Promise<Value>): Promise<Value> {
    return Promise.race([result, this.#ended.promise]);
  }

  /** An error in words that are safe to log; its kind says whether anything may have been spent. */
  error(code: string, problem: string, status?: number): TokenError {
    return this.#sent
      ? new TokenError('unanswered', code, `The request to ${this.#host} ${problem} after it was sent.`, {
          status,
        })
      : new TokenError('never-sent', code, `The request to ${this.#host} ${problem} before it was sent.`);
  }

  /** Stops the clocks. */
  finish(): void {
    this.#over = true;
    clearTimeout(this.#stepTimer);
    clearTimeout(this.#totalTimer);
    this.#caller?.removeEventListener('abort', this.#onAbort);
  }

  #end(code: string, problem: string): void {
    this.#over = true;
    this.#ended.reject(this.error(code, problem));
  }

  readonly #onAbort = (): void => this.#end('aborted', 'was given up');
}
