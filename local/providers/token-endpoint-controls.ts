import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../functions/refresh/ports/outside.ts';

/** Something that goes wrong with one token request. */
export type Fault =
  /** Answered with this, and not looked at: nothing is issued or spent. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection is cut before the request is looked at: nothing is issued or spent. */
  | { readonly kind: 'drop-request' }
  /** The request takes effect, and the connection is cut in place of the answer. */
  | { readonly kind: 'lose-answer' }
  /** Answered as usual, later. */
  | { readonly kind: 'delay'; readonly ms: number };

/** A token request that the provider refused. */
export interface Rejection {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly status: number;
  /** The error code, e.g. `invalid_request`. */
  readonly error: string;
  /** Why, in words; names parameters, never their values. */
  readonly reason: string;
}

/** What a test or the demo can see of a token endpoint, and make go wrong. */
export class TokenEndpointControls {
  /** Token requests that arrived, those that met a fault included. */
  tokenRequests = 0;
  /** The requests that the provider itself refused, in order; faults do not count. */
  readonly rejections: Rejection[] = [];
  readonly #faults: Fault[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get rejected(): number {
    return this.rejections.length;
  }

  /** Lets the next `times` (default 1) token requests fail; several calls queue up. */
  failNext(fault: Fault, times = 1): void {
    for (let count = 0; count < times; count++) this.#faults.push(fault);
  }

  /** Drops the faults that have not happened yet. */
  clearFaults(): void {
    this.#faults.length = 0;
  }

  reject(status: number, error: string, reason: string): void {
    this.rejections.push({ at: this.#clock.now(), status, error, reason });
  }

  /** Counts one token request and lets `answer` serve it, unless a fault comes first. */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    answer: () => Promise<unknown>,
  ): Promise<void> {
    this.tokenRequests++;
    const fault = this.#faults.shift();
    switch (fault?.kind) {
      case 'answer':
        response.writeHead(fault.status, { 'Content-Type': 'application/json', ...fault.headers });
        response.end(fault.body ?? '');
        return;
      case 'drop-request':
        request.socket.destroy();
        return;
      case 'lose-answer':
        response.end = () => {
          request.socket.destroy();
          return response;
        };
        break;
      case 'delay':
        await this.#clock.sleep(fault.ms);
        break;
    }
    await answer();
  }
}
