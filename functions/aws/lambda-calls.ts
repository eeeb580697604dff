import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';

/** What is called of Lambda. @throws the SDK's errors */
export interface LambdaCalls {
  /** Invokes a function and waits for its end. `event` and answer are JSON. */
  invoke(
    functionName: string,
    event: string,
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly answer: string; readonly failed: boolean }>;
  destroy(): void;
}

/** An exchange, and waiting for somebody else's refresh, take no longer together. */
const REQUEST_TIMEOUT_MS = 60_000;
const CONNECTION_TIMEOUT_MS = 2_000;

/** Lambda, as far as it is called: a module of its own, which is loaded when a button is first pressed. */
export function createLambdaCalls(config: LambdaClientConfig): LambdaCalls {
  const client = new LambdaClient({
    ...config,
    // What was invoked once goes on: to ask again would only wait for it.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
  return {
    async invoke(FunctionName, Payload, options) {
      const answer = await client.send(new InvokeCommand({ FunctionName, Payload }), options);
      return {
        answer: answer.Payload?.transformToString() ?? '',
        failed: answer.FunctionError !== undefined,
      };
    },
    destroy: () => client.destroy(),
  };
}
