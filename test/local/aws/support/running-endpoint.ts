import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { onTestFinished } from 'vitest';
import {
  type AwsEndpoint,
  type AwsEndpointOptions,
  startAwsEndpoint,
} from '../../../../local/aws/endpoint.ts';

export const START = Date.UTC(2026, 2, 1);
export const DAY_MS = 86_400_000;

/** A clock that stands still until a test moves it. */
export class SetClock {
  at = START;

  now(): number {
    return this.at;
  }

  advance(ms: number): void {
    this.at += ms;
  }
}

export interface RunningEndpoint {
  readonly endpoint: AwsEndpoint;
  readonly clock: SetClock;
  readonly secrets: SecretsManagerClient;
  readonly parameters: SSMClient;
  readonly tables: DynamoDBClient;
  readonly events: EventBridgeClient;
  readonly lambda: LambdaClient;
}

/** An endpoint with the real SDK clients in front of it; both end with the test. */
export async function runningEndpoint(options: Partial<AwsEndpointOptions> = {}): Promise<RunningEndpoint> {
  const clock = new SetClock();
  const endpoint = await startAwsEndpoint({ port: 0, clock, ...options });
  const settings = clientSettings(endpoint);
  const clients = {
    secrets: new SecretsManagerClient(settings),
    parameters: new SSMClient(settings),
    tables: new DynamoDBClient(settings),
    events: new EventBridgeClient(settings),
    lambda: new LambdaClient(settings),
  };
  onTestFinished(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await endpoint.close();
  });
  return { endpoint, clock, ...clients };
}

/** One attempt a call, so that a test sees the answer itself. */
export function clientSettings(endpoint: AwsEndpoint) {
  return {
    endpoint: endpoint.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
}

/** A token of the least length that ends in `label`. */
export function token(label: string): string {
  return label.padStart(32, '0');
}

/** A table with one key, `pk`, when it can be used: like AWS's, it is not at the moment of its creation. */
export async function createTable(
  tables: DynamoDBClient,
  options: Partial<CreateTableCommandInput> & { TableName: string },
): Promise<void> {
  const input: CreateTableCommandInput = {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    ...options,
  };
  await tables.send(new CreateTableCommand(input));
  const describe = new DescribeTableCommand({ TableName: options.TableName });
  while ((await tables.send(describe)).Table?.TableStatus !== 'ACTIVE');
}
