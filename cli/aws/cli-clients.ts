import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { KmsCalls } from '../../functions/aws/kms-calls.ts';
import { once } from '../late.ts';
import type { AwsSettings } from './aws-settings.ts';

const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 4;
/** A fresh account takes 3 parameters a second, and lets everyone in sooner or later. */
const MAX_PARAMETER_ATTEMPTS = 12;
/** Longer than a function of the deployment may run. */
const INVOCATION_TIMEOUT_MS = 310_000;
/** A repeated refresh finds the token fresh, or its lease held. */
const MAX_INVOCATIONS = 3;

/** Each is loaded when something is asked of it: to load one takes longer than its answer. */
export interface CliClients {
  dynamodb(): Promise<DynamoDBClient>;
  secretsManager(): Promise<SecretsManagerClient>;
  ssm(): Promise<SSMClient>;
  lambda(): Promise<LambdaClient>;
  logs(): Promise<CloudWatchLogsClient>;
  /** KMS in the Region of a key. */
  kms(region: string): Promise<KmsCalls>;
}

/** The SDK clients of one command. They go to AWS, or to `AWS_ENDPOINT_URL`. */
export function createCliClients({
  region,
  profile,
  credentials,
}: Pick<AwsSettings, 'region' | 'profile' | 'credentials'>): CliClients {
  const config = {
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(credentials !== undefined && { credentials }),
    maxAttempts: MAX_ATTEMPTS,
    // Slows down by itself when AWS throttles.
    retryMode: 'adaptive',
    requestHandler: requestHandler(REQUEST_TIMEOUT_MS),
  };
  return {
    dynamodb: once(async () => {
      const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
      return new DynamoDBClient(config);
    }),
    secretsManager: once(async () => {
      const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
      return new SecretsManagerClient(config);
    }),
    ssm: once(async () => {
      const { SSMClient } = await import('@aws-sdk/client-ssm');
      return new SSMClient({ ...config, maxAttempts: MAX_PARAMETER_ATTEMPTS });
    }),
    lambda: once(async () => {
      const { LambdaClient } = await import('@aws-sdk/client-lambda');
      return new LambdaClient({
        ...config,
        maxAttempts: MAX_INVOCATIONS,
        requestHandler: requestHandler(INVOCATION_TIMEOUT_MS),
      });
    }),
    logs: once(async () => {
      const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
      return new CloudWatchLogsClient(config);
    }),
    kms: async (keyRegion) => {
      const { createKmsCalls } = await import('../../functions/aws/kms-calls.ts');
      return createKmsCalls({ ...config, region: keyRegion });
    },
  };
}

/** Without throwOnRequestTimeout the SDK only warns and waits on. */
function requestHandler(requestTimeout: number) {
  return { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout, throwOnRequestTimeout: true };
}
