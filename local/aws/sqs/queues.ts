import { arn, type Identity } from '../caller-identity.ts';

export interface QueueOptions {
  /** How long a message that was received is hidden, in milliseconds. @default 30_000 */
  readonly visibilityTimeoutMs?: number;
  /** How long a message is kept from when it was sent, in milliseconds. @default 345_600_000, four days */
  readonly retentionMs?: number;
}

/** A message as it was received. */
export interface QueueMessage {
  readonly messageId: string;
  /** Deletes it, until it is received once more. */
  readonly receiptHandle: string;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** How often it was received, this time included. */
  readonly receiveCount: number;
}

interface Held extends Omit<QueueMessage, 'receiptHandle' | 'receiveCount'> {
  visibleAt: number;
  receiptHandle: string | undefined;
  receiveCount: number;
}

/** A standard queue, which gives messages in the order in which they become visible. */
export class LocalQueue {
  readonly name: string;
  readonly arn: string;
  readonly #identity: Identity;
  readonly #urlOf: (name: string) => string;
  readonly #options: Required<QueueOptions>;
  #messages: Held[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(
    identity: Identity,
    name: string,
    urlOf: (name: string) => string,
    options: Required<QueueOptions>,
  ) {
    this.#identity = identity;
    this.name = name;
    this.arn = arn(identity, 'sqs', name);
    this.#urlOf = urlOf;
    this.#options = options;
  }

  get url(): string {
    return this.#urlOf(this.name);
  }

  /** When a message can be received next, epoch milliseconds; `undefined` when there is none. */
  get nextAt(): number | undefined {
    this.#forgetOld();
    return this.#messages[0]?.visibleAt;
  }

  /** @returns the id of the message */
  send(body: string, delaySeconds = 0): string {
    const now = this.#identity.clock.now();
    const messageId = this.#identity.random.uuid();
    const visibleAt = now + delaySeconds * 1000;
    this.#messages.push({
      ...{ messageId, body, sentAt: now, visibleAt },
      receiptHandle: undefined,
      receiveCount: 0,
    });
    this.#sort();
    for (const listener of this.#listeners) listener();
    return messageId;
  }

  /** At most so many messages that are visible now; they are hidden for the visibility time-out. */
  receive(most: number): QueueMessage[] {
    this.#forgetOld();
    const { clock, random } = this.#identity;
    const now = clock.now();
    const received = this.#messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
    const messages = received.map((message) => {
      const receiptHandle = random.uuid();
      message.visibleAt = now + this.#options.visibilityTimeoutMs;
      message.receiptHandle = receiptHandle;
      message.receiveCount += 1;
      const { messageId, body, sentAt, receiveCount } = message;
      return { messageId, receiptHandle, body, sentAt, receiveCount };
    });
    this.#sort();
    return messages;
  }

  delete(receiptHandle: string): void {
    this.#messages = this.#messages.filter((message) => message.receiptHandle !== receiptHandle);
  }

  /** Tells of every message that is sent. @returns a function that ends it */
  onSend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #sort(): void {
    this.#messages.sort((one, other) => one.visibleAt - other.visibleAt);
  }

  #forgetOld(): void {
    const oldest = this.#identity.clock.now() - this.#options.retentionMs;
    this.#messages = this.#messages.filter(({ sentAt }) => sentAt > oldest);
  }
}

/** The queues of an endpoint; the host creates them. They hold messages in memory alone. */
export class LocalQueues {
  readonly #identity: Identity;
  readonly #urlOf: (name: string) => string;
  readonly #byName = new Map<string, LocalQueue>();

  /** @param origin of the endpoint, once it listens */
  constructor(identity: Identity, origin: () => string) {
    this.#identity = identity;
    this.#urlOf = (name) => `${origin()}/${identity.accountId}/${name}`;
  }

  /** The queue of that name, which is made where it is not there yet. */
  create(name: string, options: QueueOptions = {}): LocalQueue {
    const { visibilityTimeoutMs = 30_000, retentionMs = 345_600_000 } = options;
    const settings = { visibilityTimeoutMs, retentionMs };
    const queue = this.#byName.get(name) ?? new LocalQueue(this.#identity, name, this.#urlOf, settings);
    this.#byName.set(name, queue);
    return queue;
  }

  /** By URL, of which AWS too looks at the path alone, or by ARN. */
  find(id: string): LocalQueue | undefined {
    const queues = [...this.#byName.values()];
    if (id.startsWith('arn:')) return queues.find((queue) => queue.arn === id);
    const path = URL.canParse(id) ? new URL(id).pathname : undefined;
    return queues.find((queue) => new URL(queue.url).pathname === path);
  }
}
