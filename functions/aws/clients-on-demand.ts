import type { KMSClientConfig } from '@aws-sdk/client-kms';
import type { LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import type { STSClientConfig } from '@aws-sdk/client-sts';
import type { KmsCalls } from './kms-calls.ts';
import type { LambdaCalls } from './lambda-calls.ts';
import type { SqsCalls } from './sqs-calls.ts';
import type { StsCalls } from './sts-calls.ts';

/** What most deployments never call: it is loaded when it is first asked for. */
export interface ClientsOnDemand {
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
  config: KMSClientConfig & LambdaClientConfig & SQSClientConfig & STSClientConfig,
): ClientsOnDemand {
  const kms = new Map<string, Promise<KmsCalls>>();
  let sts: Promise<StsCalls> | undefined;
  let sqs: Promise<SqsCalls> | undefined;
  let lambda: Promise<LambdaCalls> | undefined;
  return {
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
      for (const client of [...kms.values(), sqs, sts, lambda]) void client?.then((each) => each.destroy());
    },
  };
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
