import type { AwsError } from './wire/error-answer.ts';
import type { ServiceName } from './wire/message.ts';

/** `reset` cuts the connection, so that the caller cannot know what happened. */
export type Failure = AwsError | 'reset';

/** What goes wrong with one call. */
export interface Fault {
  /** Waits before anything else, in real milliseconds. */
  readonly delayMs?: number;
  /** Fails without carrying the call out. */
  readonly before?: Failure;
  /** Carries the call out, stores it, and fails to say so. */
  readonly afterEffect?: Failure;
  /**
   * Answers a read of one secret, GetSecretValue or DescribeSecret, as it was before its latest version
   * came: Secrets Manager is eventually consistent.
   */
  readonly stale?: boolean;
}

/** Asked for every call that a service understood. */
export type FaultHook = (
  service: ServiceName,
  operation: string,
  resource: string | undefined,
) => Fault | undefined;
