import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { allow } from './function-permissions.ts';
import { FUNCTION_TIMEOUT, type RefresherFunction } from './refresher-function.ts';
import type { TokenStorage } from './token-storage.ts';

/** As many as refresh-now refreshes at once: none waits for another of its batch. */
const AT_ONCE = 8;
/** Half of the ten that run at once in a new account: the tick and requests must not wait for wake-ups. */
const MOST_EXECUTIONS = 5;
/** The longest delay, of fifteen minutes, and the time in which a wake-up is still worth something. */
const RETENTION = Duration.minutes(20);

/**
 * Wakes connections whose tokens live too short for a tick of a minute. A refresh leaves a message that is delayed
 * until the connection is due again, and refresh-now gets it to the second. What comes twice or late harms nobody,
 * since the lease lets one through, and what is lost the next tick makes up for: hence a standard queue, and none for
 * dead letters. A message that cannot be handled comes again until it is too old, four times at most.
 *
 * It is there once a declared connection lies in a parameter: without one there is neither queue nor grant.
 */
export class WakeUpQueue extends Construct {
  #queue: Queue | undefined;
  readonly #uses: ((queue: Queue) => void)[] = [];

  constructor(scope: Construct, id: string, storage: TokenStorage) {
    super(scope, id);
    storage.forEachConnection(({ place }) => {
      if (place !== 'parameter' || this.#queue !== undefined) return;
      this.#queue = this.#create();
      for (const use of this.#uses) use(this.#queue);
    });
  }

  /** Calls `use` once the queue is needed, which may be now, later, or never. */
  whenNeeded(use: (queue: Queue) => void): void {
    this.#uses.push(use);
    if (this.#queue !== undefined) use(this.#queue);
  }

  /** Lets a function that refreshes ask to be woken. */
  takeFrom({ function: sender, role }: RefresherFunction): void {
    this.whenNeeded((queue) => {
      role.addToPolicy(allow('AskToBeWoken', ['sqs:SendMessage'], [queue.queueArn]));
      sender.addEnvironment('EVERTOKEN_WAKE_UP_QUEUE', queue.queueUrl);
    });
  }

  /** Brings what is due to a function. */
  deliverTo({ function: target, role }: RefresherFunction): void {
    this.whenNeeded((queue) => {
      const actions = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
      role.addToPolicy(allow('TakeWakeUps', actions, [queue.queueArn]));
      const mapping = new EventSourceMapping(this, 'Delivery', {
        target,
        eventSourceArn: queue.queueArn,
        batchSize: AT_ONCE,
        maxConcurrency: MOST_EXECUTIONS,
      });
      // Lambda checks at creation that the role may read the queue.
      mapping.node.addDependency(role);
    });
  }

  #create(): Queue {
    const queue = new Queue(this, 'Queue', {
      // A message is the name of a connection. The deployment's key lets in through no more services than it must.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      // Lambda refuses less: what is being worked on must not come again.
      visibilityTimeout: FUNCTION_TIMEOUT,
    });
    acknowledge(queue, 'AwsSolutions-SQS3', 'The next tick makes up for a wake-up that is lost.');
    return queue;
  }
}
