import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import {
  type Clock,
  type Events,
  type FlushOptions,
  type Log,
  type Metrics,
  NOTICES,
  type Random,
  type RefreshEvent,
} from '../refresh/ports/outside.ts';
import { inertValue } from '../text/inert.ts';
import type { ClientsOnDemand } from './clients-on-demand.ts';
import { Confirmations } from './confirmations.ts';
import { EventQueue, type WaitingEvent } from './event-queue.ts';
import { MOST_BYTES, MOST_ENTRIES, type PutAnswer, putEvents, sizeOf } from './put-events.ts';
import { SendPace } from './send-pace.ts';

/** The `source` of every event. */
export const EVENT_SOURCE = 'evertoken';

/** Events that wait in one process at most, of some 0.4 KB each. */
const MOST_WAITING = 20_000;
/** Calls under way at once, where EventBridge takes them. */
const MOST_AT_ONCE = 8;
/** Events of which the state hears at once that they were sent. */
const CONFIRMED_AT_ONCE = 10;
/** `flush` waits no longer when nothing was taken for so long. */
const STALLED_MS = 10_000;
/** It is done so long before the function ends. */
const SPARE_MS = 2_000;
/** Refused events that are logged one by one, and how much of each. */
const MOST_LOGGED = 10;
const LOGGED_LENGTH = 2_000;

export interface EventsProps {
  readonly clients: Pick<ClientsOnDemand, 'eventBridge'>;
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly log: Log;
  /** Whether `Token Refreshed` is told. Default true. */
  readonly tokenRefreshed?: boolean;
}

/**
 * Events on the account's default bus, ten to a call: sent as soon as ten wait, and the rest by `flush`; notices before
 * all others. What could not be sent waits in the process for the next flush, but for notices that the state keeps: it
 * has them told again. An event whose answer was lost is sent twice.
 */
export function createEvents(props: EventsProps): Events {
  return new EventSender(props);
}

class EventSender implements Events {
  readonly #props: EventsProps;
  readonly #pace: SendPace;
  readonly #queue = new EventQueue(MOST_WAITING);
  readonly #running = new Set<Promise<void>>();
  readonly #confirmations: Confirmations;
  #added = 0;
  #flushing = 0;
  /** When something was taken last, or a flush began. */
  #movedAt = 0;
  #isDenied = false;
  #dropped = 0;
  /** Why something was not taken last. */
  #reason = '';
  #stop = new AbortController();
  #change = new AbortController();

  constructor(props: EventsProps) {
    this.#props = props;
    this.#pace = new SendPace({ ...props, most: MOST_AT_ONCE });
    this.#confirmations = new Confirmations(CONFIRMED_AT_ONCE, (hasWorked) => {
      if (hasWorked) this.#movedAt = props.clock.now();
      this.#tellChange();
    });
  }

  add(event: RefreshEvent, confirm?: () => Promise<void>): void {
    const { detailType, connection } = event;
    if (detailType === 'Token Refreshed' && this.#props.tokenRefreshed === false) return;
    const entry = toEntry(event, this.#props);
    this.#added += 1;
    const waiting = {
      number: this.#added,
      entry,
      bytes: sizeOf(entry),
      ...(NOTICES.has(detailType) && { notice: `${detailType} ${connection}` }),
      ...(confirm && { confirm }),
    };
    if (confirm) this.#confirmations.await(confirm);
    if (waiting.bytes > MOST_BYTES) this.#refuse(waiting, `it has ${waiting.bytes} bytes`);
    else this.#spill(this.#queue.add(waiting));
    this.#start();
  }

  async flush({ endsAt = Number.POSITIVE_INFINITY }: FlushOptions = {}): Promise<void> {
    const { clock, log } = this.#props;
    this.#flushing += 1;
    this.#isDenied = false;
    this.#movedAt = clock.now();
    this.#start();
    while (this.#isAtWork() && !this.#isDenied) {
      const leftMs = Math.min(endsAt - SPARE_MS, this.#movedAt + STALLED_MS) - clock.now();
      if (leftMs <= 0) break;
      await clock.sleep(leftMs, this.#change.signal);
    }
    this.#flushing -= 1;
    if (this.#isAtWork()) await this.#leaveRest();
    if (this.#dropped > 0) log.warn('events were given up', { events: this.#dropped, reason: this.#reason });
    this.#dropped = 0;
  }

  /** Begins as many calls as may be under way. */
  #start(): void {
    while (this.#running.size < this.#pace.atOnce && this.#hasWork()) {
      const running = this.#sendNext()
        // Nobody waits for it, and a rejection that nobody handles ends the process, whatever it is in the middle of.
        .catch((error: Error) => this.#props.log.error('events were lost', { reason: error.name }))
        .finally(() => {
          this.#running.delete(running);
          this.#start();
          this.#tellChange();
        });
      this.#running.add(running);
    }
  }

  /** Whether a call may be made: one that is full, or any while somebody waits for the rest. */
  #hasWork(): boolean {
    if (this.#stop.signal.aborted || this.#isDenied) return false;
    return this.#queue.size >= (this.#flushing > 0 ? 1 : MOST_ENTRIES);
  }

  #isAtWork(): boolean {
    return this.#queue.size + this.#running.size + this.#confirmations.underWay > 0;
  }

  async #sendNext(): Promise<void> {
    const { clients, clock } = this.#props;
    const { signal } = this.#stop;
    await this.#pace.pause(signal);
    // What is sent is chosen after the pause: a notice may have come.
    if (!this.#hasWork()) return;
    const batch = this.#queue.take();
    const startedAt = clock.now();
    const entries = batch.map(({ entry }) => entry);
    const answer = await putEvents(clients, entries, signal);
    if (!signal.aborted) {
      if (answer.fates.includes('again')) this.#pace.notTaken(startedAt);
      else this.#pace.taken(startedAt);
    }
    this.#settle(batch, answer);
  }

  #settle(batch: readonly WaitingEvent[], { fates, reason = '', isDenied }: PutAnswer): void {
    const back: WaitingEvent[] = [];
    for (const [index, event] of batch.entries()) {
      const fate = fates[index];
      if (fate === 'taken') this.#taken(event);
      else if (fate === 'refused') this.#refuse(event, reason);
      else back.push(fate === 'alone' ? { ...event, isAlone: true } : event);
    }
    if (back.length > 0) this.#reason = reason;
    if (isDenied) this.#isDenied = true;
    this.#spill(this.#queue.putBack(back));
  }

  #taken({ confirm }: WaitingEvent): void {
    this.#movedAt = this.#props.clock.now();
    if (confirm) this.#confirmations.happened(confirm);
  }

  /** It will not be taken, now or later. */
  #refuse(event: WaitingEvent, reason: string): void {
    const { DetailType: detailType, Detail = '' } = event.entry;
    const detail = Detail.slice(0, LOGGED_LENGTH);
    if (this.#dropped < MOST_LOGGED)
      this.#props.log.warn('an event was refused', { detailType, detail, reason });
    this.#reason = reason;
    this.#drop([event]);
  }

  /** There is no room for it. Nothing is lost where the state has it told again. */
  #spill(events: readonly WaitingEvent[]): void {
    this.#forgetConfirms(events);
    this.#drop(events.filter(({ confirm }) => confirm === undefined));
  }

  #drop(events: readonly WaitingEvent[]): void {
    if (events.length === 0) return;
    this.#forgetConfirms(events);
    this.#dropped += events.length;
    this.#props.metrics.count('EventsDropped', events.length);
  }

  /** Ends what is under way, for want of time. */
  async #leaveRest(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    this.#stop = new AbortController();
    this.#isDenied = false;
    this.#pace.endPause();
    const toldAgain = this.#queue.takeKeptElsewhere();
    this.#forgetConfirms(toldAgain);
    const left = { sentLater: this.#queue.size, toldAgain: toldAgain.length };
    if (left.sentLater + left.toldAgain > 0) {
      this.#props.log.warn('events could not be sent yet', { ...left, reason: this.#reason });
    }
    // Where one process serves several at once, another may be waiting.
    if (this.#flushing > 0) this.#start();
  }

  /** A state that heard of some of its notices only would forget the others. */
  #forgetConfirms(events: readonly WaitingEvent[]): void {
    for (const { confirm } of events) if (confirm) this.#confirmations.forget(confirm);
  }

  #tellChange(): void {
    const change = this.#change;
    this.#change = new AbortController();
    // Without a reason of its own it would make an error, with a stack, for each event.
    change.abort('changed');
  }
}

function toEntry(event: RefreshEvent, { namespace, clock }: EventsProps): PutEventsRequestEntry {
  const { detailType, ...detail } = event;
  return {
    Source: EVENT_SOURCE,
    DetailType: detailType,
    // It may be sent later. EventBridge tells it to the second.
    Time: new Date(Math.floor(clock.now() / 1000) * 1000),
    // What stands in the state may have been written past all checks, and rules put this into mails.
    Detail: JSON.stringify({ schema: 1, namespace, ...detail }, inertValue),
  };
}
