import type { Clock, WakeUps } from '../refresh/ports/outside.ts';
import { sendOptions, storeCall } from './aws-error.ts';
import type { ClientsOnDemand } from './clients-on-demand.ts';

/** The longest delay of one message. */
const MOST_SECONDS = 900;

export interface WakeUpsProps {
  readonly clients: Pick<ClientsOnDemand, 'sqs'>;
  /** Absent where no connection needs more than the tick. */
  readonly queueUrl: string | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Wakes a connection finer than the tick does: a message on a standard queue, delayed until it is due. It may come twice
 * or late: the lease lets one through, and the tick is the net.
 */
export function createWakeUps({ clients, queueUrl, clock }: WakeUpsProps): WakeUps {
  return {
    async at(connection, dueAt, options) {
      const delaySeconds = Math.ceil((dueAt - clock.now()) / 1000);
      if (queueUrl === undefined || delaySeconds < 0 || delaySeconds > MOST_SECONDS) return;
      const client = await clients.sqs();
      await storeCall('SendMessage', () =>
        client.sendMessage(
          {
            QueueUrl: queueUrl,
            MessageBody: JSON.stringify({ connection }),
            DelaySeconds: delaySeconds,
          },
          sendOptions(options),
        ),
      );
    },
  };
}
