import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Count, Metrics } from '../refresh/ports/outside.ts';

interface Counted {
  readonly writes: Count;
  readonly throttles: Count;
  /** Commands that a limit on writes counts, as the SDK calls them. */
  readonly commands: ReadonlySet<string>;
}

const SECRETS: Counted = {
  writes: 'SecretWrites',
  throttles: 'SecretThrottles',
  commands: new Set(['PutSecretValueCommand', 'UpdateSecretVersionStageCommand']),
};
const PARAMETERS: Counted = {
  writes: 'ParameterWrites',
  throttles: 'ParameterThrottles',
  commands: new Set(['PutParameterCommand', 'DeleteParameterCommand']),
};

const THROTTLED = /throttl|toomanyrequests|limitexceeded|slowdown|requestlimit/i;
const TOO_MANY_REQUESTS = 429;

/** Counts what is written to secrets, and how often AWS says that it is too much: each try of a call. */
export function countSecretCalls(
  { middlewareStack }: Pick<SecretsManagerClient, 'middlewareStack'>,
  metrics: Pick<Metrics, 'count'>,
): void {
  watch(middlewareStack, SECRETS, metrics);
}

/** The same of parameters. */
export function countParameterCalls(
  { middlewareStack }: Pick<SSMClient, 'middlewareStack'>,
  metrics: Pick<Metrics, 'count'>,
): void {
  watch(middlewareStack, PARAMETERS, metrics);
}

/** What the stacks of all clients have in common, as far as it is used. */
interface Stack {
  add(
    middleware: (next: Next, context: { readonly commandName?: string }) => Next,
    options: {
      readonly step: 'finalizeRequest';
      readonly priority: 'low';
      readonly name: string;
      readonly override: true;
    },
  ): void;
}

/** Arguments and answers are passed on as they are, whatever the client. */
type Next = (args: never) => Promise<unknown>;

function watch(
  stack: unknown,
  { writes, throttles, commands }: Counted,
  metrics: Pick<Metrics, 'count'>,
): void {
  const middleware =
    (next: Next, { commandName = '' }: { readonly commandName?: string }) =>
    async (args: never) => {
      if (commands.has(commandName)) metrics.count(writes);
      try {
        return await next(args);
      } catch (error) {
        if (isThrottled(error)) metrics.count(throttles);
        throw error;
      }
    };
  // Within the SDK's own retries, so that each try is seen.
  const place = { step: 'finalizeRequest', priority: 'low', name: 'countCalls', override: true } as const;
  (stack as Stack).add(middleware, place);
}

function isThrottled(error: unknown): boolean {
  const { name = '', $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return THROTTLED.test(name) || $metadata?.httpStatusCode === TOO_MANY_REQUESTS;
}
