import type { PutEventsCommandInput, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { ClientsOnDemand } from '../../functions/aws/clients-on-demand.ts';
import type { Clock } from '../../functions/refresh/ports/outside.ts';

/** An event that the bus took. */
export interface TakenEvent {
  readonly detailType: string;
  readonly connection: string;
  /** When it was taken, and when it happened as its sender says: epoch milliseconds. */
  readonly at: number;
  readonly time: number | undefined;
}

interface CallOptions {
  readonly abortSignal?: AbortSignal;
}

/** What becomes of a call: an error, an ErrorCode or none for each entry, or no answer before the caller gives up. */
export type Weather = (
  entries: readonly PutEventsRequestEntry[],
) => Error | readonly (string | undefined)[] | 'hangs';

export interface MemoryEventBusOptions {
  /** How long an answer takes. Default 20. */
  readonly latencyMs?: number;
  /** Calls that are taken in a second, with the calls of one second saved up. Default: any number. */
  readonly perSecond?: number;
}

/** EventBridge's PutEvents on a clock of its own, for whom calls through the SDK would be too slow. */
export class MemoryEventBus {
  readonly taken: TakenEvent[] = [];
  calls = 0;
  throttled = 0;
  atOnce = 0;
  mostAtOnce = 0;
  weather: Weather | undefined;
  /** Whether a caller that gives up hears so at once. */
  hearsAborts = true;
  readonly clients: Pick<ClientsOnDemand, 'eventBridge'>;
  readonly #clock: Clock;
  readonly #latencyMs: number;
  readonly #perSecond: number;
  #saved: number;
  #savedAt: number;

  constructor(clock: Clock, options: MemoryEventBusOptions = {}) {
    const { latencyMs = 20, perSecond = Number.POSITIVE_INFINITY } = options;
    this.#clock = clock;
    this.#latencyMs = latencyMs;
    this.#perSecond = perSecond;
    this.#saved = perSecond;
    this.#savedAt = clock.now();
    const putEvents = async ({ Entries = [] }: PutEventsCommandInput, { abortSignal }: CallOptions = {}) => ({
      $metadata: {},
      ...(await this.#send(Entries, abortSignal)),
    });
    const calls = { putEvents, destroy: () => {} };
    this.clients = { eventBridge: async () => calls };
  }

  /** Names of the connections that it took events of, in order. */
  connections(): readonly string[] {
    return this.taken.map(({ connection }) => connection);
  }

  async #send(entries: readonly PutEventsRequestEntry[], signal: AbortSignal | undefined) {
    this.calls += 1;
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    const heard = this.hearsAborts ? signal : undefined;
    try {
      const weather = this.#isThrottled() ? throttling() : this.weather?.(entries);
      if (weather === 'hangs') {
        await this.#clock.sleep(3_600_000, heard);
        throw named('TimeoutError');
      }
      await this.#clock.sleep(this.#latencyMs, heard);
      if (heard?.aborted) throw named('AbortError');
      if (weather instanceof Error) throw weather;
      return { Entries: entries.map((entry, index) => this.#judge(entry, weather?.[index])) };
    } finally {
      this.atOnce -= 1;
    }
  }

  #judge({ DetailType = '', Detail = '{}', Time }: PutEventsRequestEntry, ErrorCode: string | undefined) {
    if (ErrorCode !== undefined) return { ErrorCode };
    const { connection } = JSON.parse(Detail) as { connection: string };
    this.taken.push({ detailType: DetailType, connection, at: this.#clock.now(), time: Time?.getTime() });
    return { EventId: String(this.taken.length) };
  }

  #isThrottled(): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return false;
    const now = this.#clock.now();
    this.#saved = Math.min(this.#perSecond, this.#saved + ((now - this.#savedAt) * this.#perSecond) / 1000);
    this.#savedAt = now;
    if (this.#saved < 1) {
      this.throttled += 1;
      return true;
    }
    this.#saved -= 1;
    return false;
  }
}

/** As the SDK throws it. */
export function named(name: string): Error {
  return Object.assign(new Error(`${name} of the test`), { name, $fault: 'client' });
}

export const throttling = () => named('ThrottlingException');
