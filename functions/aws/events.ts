import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { CallOptions, Events, Log, RefreshEvent } from '../refresh/ports/outside.ts';
import { sendOptions, storeCall } from './aws-error.ts';

/** The `source` of every event. */
export const EVENT_SOURCE = 'evertoken';

/** The most that PutEvents takes at once. */
const BATCH_SIZE = 10;
/** For how long `flush` tries when its caller does not say. */
const FLUSH_TIMEOUT_MS = 5_000;
/** An entry that EventBridge did not take is sent once more. */
const MAX_TRIES = 2;

export interface EventsProps {
  readonly client: EventBridgeClient;
  readonly namespace: string;
  readonly log: Log;
}

/** Events on the account's default bus. What cannot be sent is logged, entry by entry. */
export function createEvents({ client, namespace, log }: EventsProps): Events {
  let collected: RefreshEvent[] = [];

  return {
    add(event) {
      collected.push(event);
    },
    async flush(options = { signal: AbortSignal.timeout(FLUSH_TIMEOUT_MS) }) {
      const entries = collected.map((event) => toEntry(event, namespace));
      collected = [];
      for (let start = 0; start < entries.length; start += BATCH_SIZE) {
        await sendBatch(entries.slice(start, start + BATCH_SIZE), options);
      }
    },
  };

  async function sendBatch(batch: readonly PutEventsRequestEntry[], options: CallOptions): Promise<void> {
    let left = batch;
    let reason = '';
    try {
      for (let tries = 0; tries < MAX_TRIES && left.length > 0; tries += 1) {
        const command = new PutEventsCommand({ Entries: [...left] });
        const answer = await storeCall('PutEvents', () => client.send(command, sendOptions(options)));
        const results = answer.Entries ?? [];
        reason = results.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? '';
        left = left.filter((_, index) => results[index]?.ErrorCode !== undefined);
      }
    } catch (error) {
      reason = error instanceof Error ? error.message : 'PutEvents failed';
    }
    for (const { DetailType, Detail } of left) {
      log.warn('an event could not be sent', { detailType: DetailType, detail: Detail, reason });
    }
  }
}

function toEntry(event: RefreshEvent, namespace: string): PutEventsRequestEntry {
  const { detailType, connection, outcome, health, code, expiresAt } = event;
  return {
    Source: EVENT_SOURCE,
    DetailType: detailType,
    Detail: JSON.stringify({ schema: 1, namespace, connection, outcome, health, code, expiresAt }),
  };
}
