import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { MOST_BYTES, MOST_ENTRIES } from './put-events.ts';

/** An event that waits to be sent. */
export interface WaitingEvent {
  readonly entry: PutEventsRequestEntry;
  readonly bytes: number;
  /** What it is a notice of; absent for what no person must hear. Of those with the same the last one counts. */
  readonly notice?: string;
  /** Absent where nobody keeps the event until it is confirmed. */
  readonly confirm?: () => Promise<void>;
  /** It shares no call with others. */
  readonly isAlone?: true;
  /** Its place among all that came. */
  readonly number: number;
}

/** Events that wait: notices first, then in the order in which they came. It holds so many and no more. */
export class EventQueue {
  readonly #most: number;
  #notices = new Map<string, WaitingEvent>();
  #others: WaitingEvent[] = [];

  /** @param most how many events it holds */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#notices.size + this.#others.length;
  }

  /** @returns what it does not hold any more for it: the oldest, notices last */
  add(event: WaitingEvent): readonly WaitingEvent[] {
    if (event.notice === undefined) this.#others.push(event);
    else this.#notices.set(event.notice, event);
    return this.#overflow();
  }

  /** Takes out what one call can bring, in the order in which it happened. Empty when nothing waits. */
  take(): readonly WaitingEvent[] {
    const batch: WaitingEvent[] = [];
    let bytes = 0;
    for (const event of this.#inOrder()) {
      const isFull = batch.length === MOST_ENTRIES || bytes + event.bytes > MOST_BYTES;
      if (batch.length > 0 && (isFull || event.isAlone || batch[0]?.isAlone)) break;
      batch.push(event);
      bytes += event.bytes;
    }
    const notices = batch.flatMap(({ notice }) => notice ?? []);
    for (const notice of notices) this.#notices.delete(notice);
    this.#others.splice(0, batch.length - notices.length);
    return batch.sort((one, other) => one.number - other.number);
  }

  /** Puts back what was taken out, before all others. @returns what it does not hold any more for it */
  putBack(batch: readonly WaitingEvent[]): readonly WaitingEvent[] {
    const notices = batch.flatMap((event) =>
      event.notice === undefined ? [] : [[event.notice, event] as const],
    );
    // One that came meanwhile counts, and has the place of the older one.
    this.#notices = new Map([...notices, ...this.#notices]);
    this.#others.unshift(...batch.filter(({ notice }) => notice === undefined));
    return this.#overflow();
  }

  /** Takes out the notices that somebody else keeps until they are confirmed. */
  takeKeptElsewhere(): readonly WaitingEvent[] {
    const kept = [...this.#notices].filter(([, { confirm }]) => confirm !== undefined);
    for (const [notice] of kept) this.#notices.delete(notice);
    return kept.map(([, event]) => event);
  }

  *#inOrder(): Generator<WaitingEvent> {
    yield* this.#notices.values();
    yield* this.#others;
  }

  #overflow(): readonly WaitingEvent[] {
    const excess = this.size - this.#most;
    if (excess <= 0) return [];
    const others = this.#others.splice(0, excess);
    const notices = [...this.#notices].slice(0, excess - others.length);
    for (const [notice] of notices) this.#notices.delete(notice);
    return [...others, ...notices.map(([, event]) => event)];
  }
}
