import type { EventBridgeClientConfig } from '@aws-sdk/client-eventbridge';
import type { KMSClientConfig } from '@aws-sdk/client-kms';
import type { LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import type { SSMClient, SSMClientConfig } from '@aws-sdk/client-ssm';
import type { STSClientConfig } from '@aws-sdk/client-sts';
import type { EventCalls } from './event-calls.ts';
import type { KmsCalls } from './kms-calls.ts';
import type { LambdaCalls } from './lambda-calls.ts';
import type { SqsCalls } from './sqs-calls.ts';
import type { StsCalls } from './sts-calls.ts';

/** What a refresh does not begin with, or most deployments never call: it is loaded when it is first asked for. */
export interface ClientsOnDemand {
  /** EventBridge in the functions' Region, on whose default bus all is told. */
  eventBridge(): Promise<EventCalls>;
  /** Systems Manager in the functions' Region, whose Parameter Store holds what is declared and rescued. */
  ssm(): Promise<SSMClient>;
  /** KMS in the Region of the key, which need not be the functions'. */
  kms(region: string): Promise<KmsCalls>;
  /** STS in the functions' Region: identity tokens are given at no other place. */
  sts(): Promise<StsCalls>;
  /** SQS in the functions' Region, where their queue is. */
  sqs(): Promise<SqsCalls>;
  /** Lambda in the functions' Region, where the others of the deployment are. */
  lambda(): Promise<LambdaCalls>;
  destroy(): void;
}

/** Makes each client once, all with the same configuration. */
export function clientsOnDemand(
  config: EventBridgeClientConfig &
    KMSClientConfig &
    LambdaClientConfig &
    SQSClientConfig &
    SSMClientConfig &
    STSClientConfig,
): ClientsOnDemand {
  let eventBridge: Promise<EventCalls> | undefined;
  let ssm: Promise<SSMClient> | undefined;
  const kms = new Map<string, Promise<KmsCalls>>();
  let sts: Promise<StsCalls> | undefined;
  let sqs: Promise<SqsCalls> | undefined;
  let lambda: Promise<LambdaCalls> | undefined;
  return {
    eventBridge: () => {
      eventBridge ??= loadEventBridge(config);
      return eventBridge;
    },
    ssm: () => {
      ssm ??= loadSsm(config);
      return ssm;
    },
    kms: (region) => {
      const client = kms.get(region) ?? loadKms({ ...config, region });
      kms.set(region, client);
      return client;
    },
    sts: () => {
      sts ??= loadSts(config);
      return sts;
    },
    sqs: () => {
      sqs ??= loadSqs(config);
      return sqs;
    },
    lambda: () => {
      lambda ??= loadLambda(config);
      return lambda;
    },
    destroy: () => {
      for (const client of [...kms.values(), eventBridge, ssm, sqs, sts, lambda])
        void client?.then((each) => each.destroy());
    },
  };
}

async function loadEventBridge(config: EventBridgeClientConfig): Promise<EventCalls> {
  const { createEventCalls } = await import('./event-calls.ts');
  return createEventCalls(config);
}

async function loadSsm(config: SSMClientConfig): Promise<SSMClient> {
  const { createSsmClient } = await import('./ssm-client.ts');
  return createSsmClient(config);
}

async function loadKms(config: KMSClientConfig): Promise<KmsCalls> {
  const { createKmsCalls } = await import('./kms-calls.ts');
  return createKmsCalls(config);
}

async function loadLambda(config: LambdaClientConfig): Promise<LambdaCalls> {
  const { createLambdaCalls } = await import('./lambda-calls.ts');
  return createLambdaCalls(config);
}

async function loadSqs(config: SQSClientConfig): Promise<SqsCalls> {
  const { createSqsCalls } = await import('./sqs-calls.ts');
  return createSqsCalls(config);
}

async function loadSts(config: STSClientConfig): Promise<StsCalls> {
  const { createStsCalls } = await import('./sts-calls.ts');
  return createStsCalls(config);
}
