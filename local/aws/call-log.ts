import type { ServiceName } from './wire/message.ts';

/** One call that reached a service. */
export interface AwsCall {
  readonly service: ServiceName;
  readonly operation: string;
  /** Name or ARN as it was sent; several are joined by commas. */
  readonly resource?: string;
  /** Epoch milliseconds by the endpoint's clock. */
  readonly at: number;
}

/** Which calls are meant; absent members match everything. */
export type CallFilter = Partial<Omit<AwsCall, 'at'>>;

/** Calls kept; older ones are forgotten, so that an endpoint may run for days. */
const KEPT_CALLS = 10_000;

/** What was called, in the order of arrival, for tests and views that count. Holds no input. */
export class CallLog {
  #calls: AwsCall[] = [];
  readonly #listeners = new Set<(call: AwsCall) => void>();

  /** The newest calls, at most 10,000, oldest first. */
  get all(): readonly AwsCall[] {
    return this.#calls.slice(-KEPT_CALLS);
  }

  count(filter: CallFilter = {}): number {
    const wanted = Object.entries(filter) as [keyof CallFilter, string][];
    return this.all.filter((call) => wanted.every(([member, value]) => call[member] === value)).length;
  }

  /** Tells of every call as it arrives. @returns a function that ends it */
  subscribe(listener: (call: AwsCall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all calls; subscriptions stay. */
  reset(): void {
    this.#calls = [];
  }

  add(call: AwsCall): void {
    this.#calls.push(call);
    // Trimmed by halves, so that adding stays cheap.
    if (this.#calls.length >= KEPT_CALLS * 2) this.#calls = this.#calls.slice(-KEPT_CALLS);
    for (const listener of this.#listeners) listener(call);
  }
}
