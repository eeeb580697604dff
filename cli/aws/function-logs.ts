import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { storeCall } from '../../functions/aws/aws-error.ts';
import { functionName } from '../../functions/aws/resource-names.ts';
import type { CallOptions } from '../../functions/refresh/ports/outside.ts';
import { StoreError } from '../../functions/refresh/ports/stores.ts';

/** The functions of which one has something to say of a connection; not each is in every deployment. */
const HANDLERS = ['refresh-due', 'refresh-now', 'rotate-secret', 'reconcile'] as const;

/** One line of a function's log. */
export interface LogEvent {
  /** Of CloudWatch Logs. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Which function, such as `refresh-due`. */
  readonly handler: string;
  readonly text: string;
}

/** The log of one function. */
export interface LogGroup {
  readonly handler: string;
  readonly name: string;
}

export interface LogRequest {
  readonly groups: readonly LogGroup[];
  readonly connection: string;
  /** Epoch milliseconds, included. */
  readonly from: number;
  /** Lines of each function at most, the oldest first. */
  readonly most: number;
}

/** The logs of the deployed functions. */
export interface FunctionLogs {
  /** Where they are: the stack names them anew. None where there is no such function. @throws StoreError */
  groups(options?: CallOptions): Promise<readonly LogGroup[]>;
  /** What they say of a connection, by time; a group that is gone says nothing. @throws StoreError */
  read(request: LogRequest, options?: CallOptions): Promise<readonly LogEvent[]>;
}

export function createFunctionLogs({
  lambda,
  logs,
  namespace,
}: {
  readonly lambda: LambdaClient;
  /** Loaded when there is something to read. */
  readonly logs: () => Promise<CloudWatchLogsClient>;
  readonly namespace: string;
}): FunctionLogs {
  return {
    async groups({ signal } = {}) {
      const found = HANDLERS.map(async (handler) => {
        const FunctionName = functionName(namespace, handler);
        const command = new GetFunctionConfigurationCommand({ FunctionName });
        const answer = await orMissing(() =>
          storeCall(`GetFunctionConfiguration ${FunctionName}`, () =>
            lambda.send(command, signal && { abortSignal: signal }),
          ),
        );
        const name = answer?.LoggingConfig?.LogGroup;
        return name === undefined ? [] : [{ handler, name }];
      });
      return (await Promise.all(found)).flat();
    },
    async read({ groups, ...request }, options) {
      const client = await logs();
      const read = groups.map((group) => readGroup(client, group, request, options));
      const events = (await Promise.all(read)).flat();
      return events.sort((one, other) => one.at - other.at);
    },
  };
}

async function readGroup(
  client: CloudWatchLogsClient,
  { handler, name }: LogGroup,
  { connection, from, most }: Omit<LogRequest, 'groups'>,
  { signal }: CallOptions = {},
): Promise<readonly LogEvent[]> {
  const { FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const events: LogEvent[] = [];
  let nextToken: string | undefined;
  do {
    const command = new FilterLogEventsCommand({
      logGroupName: name,
      startTime: from,
      // No name of a connection has a quotation mark or a backslash in it.
      filterPattern: `{ $.connection = "${connection}" }`,
      nextToken,
    });
    const page = await orMissing(() =>
      storeCall(`FilterLogEvents ${name}`, () => client.send(command, signal && { abortSignal: signal })),
    );
    for (const { eventId: id = '', timestamp: at = 0, message: text = '' } of page?.events ?? []) {
      events.push({ id, at, handler, text });
    }
    nextToken = page?.nextToken;
  } while (nextToken !== undefined && events.length < most);
  return events.slice(0, most);
}

/** Only "not found" becomes `undefined`. */
async function orMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'missing') return undefined;
    throw error;
  }
}
