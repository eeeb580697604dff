import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { KMSClientConfig } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClientConfig } from '@aws-sdk/client-sts';
import type { KmsCalls } from './kms-calls.ts';
import type { SqsCalls } from './sqs-calls.ts';
import type { StsCalls } from './sts-calls.ts';

/** Three tries of a request fit into the time that a refresh keeps for persisting. */
const REQUEST_TIMEOUT_MS = 5_000;
const CONNECTION_TIMEOUT_MS = 2_000;
const MAX_ATTEMPTS = 3;

export interface AwsClients {
  readonly secretsManager: SecretsManagerClient;
  readonly ssm: SSMClient;
  readonly dynamodb: DynamoDBClient;
  readonly eventBridge: EventBridgeClient;
  readonly onDemand: ClientsOnDemand;
}

/** What most deployments never call: it is loaded when it is first asked for. */
export interface ClientsOnDemand {
  /** KMS in the Region of the key, which need not be the functions'. */
  kms(region: string): Promise<KmsCalls>;
  /** STS in the functions' Region: identity tokens are given at no other place. */
  sts(): Promise<StsCalls>;
  /** SQS in the functions' Region, where their queue is. */
  sqs(): Promise<SqsCalls>;
  destroy(): void;
}

export interface AwsClientsProps {
  /** Default: the SDK's own search, `AWS_REGION` first. */
  readonly region?: string;
  /** Default: AWS, or `AWS_ENDPOINT_URL`. */
  readonly endpoint?: string;
  /** How long one try of a call may take. Default 5000. */
  readonly requestTimeoutMs?: number;
  /** How often the SDK tries one call. Default 3. */
  readonly maxAttempts?: number;
}

/** The SDK clients of one process: no call waits without end, and every retry is safe to make. */
export function createAwsClients(props: AwsClientsProps = {}): AwsClients {
  const { region, endpoint, requestTimeoutMs = REQUEST_TIMEOUT_MS, maxAttempts = MAX_ATTEMPTS } = props;
  const config = {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts,
    // Without throwOnRequestTimeout the SDK only warns and waits on.
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
  };
  return {
    secretsManager: new SecretsManagerClient(config),
    ssm: new SSMClient(config),
    dynamodb: new DynamoDBClient(config),
    eventBridge: new EventBridgeClient(config),
    onDemand: clientsOnDemand(config),
  };
}

/** Makes each client once, all with the same configuration. */
export function clientsOnDemand(
  config: KMSClientConfig & SQSClientConfig & STSClientConfig,
): ClientsOnDemand {
  const kms = new Map<string, Promise<KmsCalls>>();
  let sts: Promise<StsCalls> | undefined;
  let sqs: Promise<SqsCalls> | undefined;
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
    destroy: () => {
      for (const client of [...kms.values(), sqs, sts]) void client?.then((each) => each.destroy());
    },
  };
}

async function loadKms(config: KMSClientConfig): Promise<KmsCalls> {
  const { createKmsCalls } = await import('./kms-calls.ts');
  return createKmsCalls(config);
}

async function loadSqs(config: SQSClientConfig): Promise<SqsCalls> {
  const { createSqsCalls } = await import('./sqs-calls.ts');
  return createSqsCalls(config);
}

async function loadSts(config: STSClientConfig): Promise<StsCalls> {
  const { createStsCalls } = await import('./sts-calls.ts');
  return createStsCalls(config);
}
