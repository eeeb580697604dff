import {
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';

/** What is called of SQS. @throws the SDK's errors */
export interface SqsCalls {
  sendMessage(
    input: SendMessageCommandInput,
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<unknown>;
  destroy(): void;
}

/**
 * SQS, as far as it is called. A module of its own, so that it is loaded when a wake-up is first asked for, and no more
 * of the SDK is bundled.
 */
export function createSqsCalls(config: SQSClientConfig): SqsCalls {
  const client = new SQSClient(config);
  return {
    sendMessage: (input, options) => client.send(new SendMessageCommand(input), options),
    destroy: () => client.destroy(),
  };
}
