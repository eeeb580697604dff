import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type ClientsOnDemand, clientsOnDemand } from './clients-on-demand.ts';

/** Three tries of a request fit into the time that a refresh keeps for persisting. */
const REQUEST_TIMEOUT_MS = 5_000;
const CONNECTION_TIMEOUT_MS = 2_000;
const MAX_ATTEMPTS = 3;

/** What every refresh calls, and all else when it is first asked for. */
export interface AwsClients {
  readonly secretsManager: SecretsManagerClient;
  readonly dynamodb: DynamoDBClient;
  readonly onDemand: ClientsOnDemand;
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

/** The SDK clients of a function's process: no call waits without end, and every retry is safe to make. */
export function createAwsClients(props: AwsClientsProps = {}): AwsClients {
  const config = clientConfig(props);
  return {
    secretsManager: new SecretsManagerClient(config),
    dynamodb: new DynamoDBClient(config),
    onDemand: clientsOnDemand(config),
  };
}

/** What all clients have in common. */
export function clientConfig(props: AwsClientsProps) {
  const { region, endpoint, requestTimeoutMs = REQUEST_TIMEOUT_MS, maxAttempts = MAX_ATTEMPTS } = props;
  return {
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
}
