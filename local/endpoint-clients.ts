import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { AwsClients } from '../functions/aws/clients.ts';
import { clientsOnDemand } from '../functions/aws/clients-on-demand.ts';

/** The functions' clients, and those that they load on demand. */
export interface LocalAwsClients extends AwsClients {
  readonly ssm: SSMClient;
  readonly eventBridge: EventBridgeClient;
}

export const LOCAL_REGION = 'us-east-1';

/**
 * SDK clients for the endpoint on this machine. Credentials are made up and given outright, so that
 * nobody's profile is read, and nothing can reach a real account.
 */
export function createLocalAwsClients(endpoint: string): LocalAwsClients {
  const config = {
    endpoint,
    region: LOCAL_REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  };
  return {
    secretsManager: new SecretsManagerClient(config),
    ssm: new SSMClient(config),
    dynamodb: new DynamoDBClient(config),
    eventBridge: new EventBridgeClient(config),
    onDemand: clientsOnDemand(config),
  };
}
