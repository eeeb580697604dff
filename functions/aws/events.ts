import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import pLimit from 'p-limit';
import type { CallOptions, Events, Log, RefreshEvent } from '../refresh/ports/outside.ts';
import { inertValue } from '../text/inert.ts';
import { sendOptions, storeCall } from './aws-error.ts';

/** The `source` of every event. */
export const EVENT_SOURCE = 'evertoken';

/** The most that PutEvents takes at once. */
const BATCH_SIZE = 10;
/** For how long `flush` tries when its caller does not say. */
const FLUSH_TIMEOUT_MS = 5_000;
/** Events of which the state hears at once that they were sent. */
const CONFIRMED_AT_ONCE = 10;
/** An entry that EventBridge did not take is sent once more. */
const MAX_TRIES = 2;

export interface EventsProps {
  readonly client: EventBridgeClient;
  readonly namespace: string;
  readonly log: Log;
}

interface Collected {
  readonly entry: PutEventsRequestEntry;
  readonly confirm: (() => Promise<void>) | undefined;
}

/** Events on the account's default bus. What cannot be sent is logged, entry by entry. */
export function createEvents({ client, namespace, log }: EventsProps): Events {
  let collected: Collected[] = [];

  return {
    add(event, confirm) {
      collected.push({ entry: toEntry(event, namespace), confirm });
    },
    async flush(options = { signal: AbortSignal.timeout(FLUSH_TIMEOUT_MS) }) {
      const all = collected;
      collected = [];
      const limit = pLimit(CONFIRMED_AT_ONCE);
      for (let start = 0; start < all.length; start += BATCH_SIZE) {
        const sent = await sendBatch(all.slice(start, start + BATCH_SIZE), options);
        // Who is not confirmed is told again: nothing is lost by that.
        const confirmed = sent.map(({ confirm }) => confirm && limit(() => confirm().catch(() => undefined)));
        await Promise.all(confirmed);
      }
    },
  };

  /** @returns those that were taken */
  async function sendBatch(batch: readonly Collected[], options: CallOptions): Promise<readonly Collected[]> {
    let left = batch;
    let reason = '';
    try {
      for (let tries = 0; tries < MAX_TRIES && left.length > 0; tries += 1) {
        const command = new PutEventsCommand({ Entries: left.map(({ entry }) => entry) });
        const answer = await storeCall('PutEvents', () => client.send(command, sendOptions(options)));
        const results = answer.Entries ?? [];
        reason = results.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? '';
        left = left.filter((_, index) => results[index]?.ErrorCode !== undefined);
      }
    } catch (error) {
      reason = error instanceof Error ? error.message : 'PutEvents failed';
    }
    for (const { entry } of left) {
      const { DetailType, Detail } = entry;
      log.warn('an event could not be sent', { detailType: DetailType, detail: Detail, reason });
    }
    return batch.filter((each) => !left.includes(each));
  }
}

function toEntry(event: RefreshEvent, namespace: string): PutEventsRequestEntry {
  const { detailType, ...detail } = event;
  return {
    Source: EVENT_SOURCE,
    DetailType: detailType,
    // What stands in the state may have been written past all checks, and rules put this into mails.
    Detail: JSON.stringify({ schema: 1, namespace, ...detail }, inertValue),
  };
}
