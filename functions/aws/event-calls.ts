import {
  EventBridgeClient,
  type EventBridgeClientConfig,
  PutEventsCommand,
  type PutEventsCommandInput,
  type PutEventsCommandOutput,
} from '@aws-sdk/client-eventbridge';

/** What is called of EventBridge. @throws the SDK's errors */
export interface EventCalls {
  putEvents(
    input: PutEventsCommandInput,
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<PutEventsCommandOutput>;
  destroy(): void;
}

/**
 * EventBridge, as far as it is called. A module of its own, so that it is loaded when an event is first sent: by then
 * the token of a cold start is written.
 */
export function createEventCalls(config: EventBridgeClientConfig): EventCalls {
  const client = new EventBridgeClient(config);
  return {
    putEvents: (input, options) => client.send(new PutEventsCommand(input), options),
    destroy: () => client.destroy(),
  };
}
