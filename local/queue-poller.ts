import type { Clock } from '../functions/refresh/ports/outside.ts';
import type { LocalQueue, QueueMessage } from './aws/sqs/queues.ts';

/** What a queue's messages are brought to. */
export interface Delivery {
  readonly queue: LocalQueue;
  /** Messages at once. */
  readonly batchSize: number;
  /** One run of the function for a batch. @throws FunctionFailed: all of the batch comes again */
  run(messages: readonly QueueMessage[]): Promise<void>;
}

export interface QueuePollerOptions {
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

export interface QueuePoller {
  /** Takes nothing any more; resolves when what runs has ended. */
  stop(): Promise<void>;
}

/** A queue is looked at this often, whatever else wakes it: a clock may have been set. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Brings messages to a function as they become visible, as an event source mapping does: a batch that takes long
 * delays no other, what succeeded is deleted, and what failed comes again when it is visible again.
 */
export function startQueuePoller({ delivery, clock, onError }: QueuePollerOptions): QueuePoller {
  const { queue, batchSize, run } = delivery;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let waiting = new AbortController();
  const unsubscribe = queue.onSend(() => waiting.abort());

  function deliver(messages: readonly QueueMessage[]): void {
    const done = run(messages)
      .then(() => {
        for (const { receiptHandle } of messages) queue.delete(receiptHandle);
      }, onError)
      .finally(() => running.delete(done));
    running.add(done);
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const messages = queue.receive(batchSize);
      if (messages.length > 0) {
        deliver(messages);
        continue;
      }
      waiting = new AbortController();
      const { nextAt = Infinity } = queue;
      const waitMs = Math.min(LONGEST_WAIT_MS, nextAt - clock.now());
      await clock.sleep(waitMs, AbortSignal.any([stopping.signal, waiting.signal]));
    }
  }

  const looping = loop();
  return {
    stop: async () => {
      unsubscribe();
      stopping.abort();
      await looping;
      await Promise.all(running);
    },
  };
}

/** The event that Lambda makes of messages. */
export function messagesEvent(queue: LocalQueue, messages: readonly QueueMessage[]): object {
  const [, , , awsRegion] = queue.arn.split(':');
  return {
    Records: messages.map(({ messageId, receiptHandle, body, sentAt, receiveCount }) => ({
      messageId,
      receiptHandle,
      body,
      attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(sentAt) },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: queue.arn,
      awsRegion,
    })),
  };
}
