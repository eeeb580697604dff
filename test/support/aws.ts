import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { stateTableDefinition } from '../../functions/aws/state-table/state-table-definition.ts';
import type { Clock } from '../../functions/refresh/ports/outside.ts';
import { type AwsEndpoint, type AwsEndpointOptions, startAwsEndpoint } from '../../local/aws/endpoint.ts';
import type { Fault } from '../../local/aws/fault.ts';
import type { LocalAwsClients } from '../../local/endpoint-clients.ts';
import { createAllAwsClients } from './all-clients.ts';
import { canarySecret } from './canary.ts';
import { callDirectly } from './direct-calls.ts';

/** The project's AWS endpoint with real SDK clients that speak to it. */
export class TestAws implements AsyncDisposable {
  readonly endpoint: AwsEndpoint;
  readonly clients: LocalAwsClients;
  /** The same, but that the SDK tries each call once and waits for nothing. */
  readonly hastyClients: LocalAwsClients;

  private constructor(endpoint: AwsEndpoint) {
    this.endpoint = endpoint;
    const where = { region: 'us-east-1', endpoint: endpoint.url };
    this.clients = createAllAwsClients(where);
    this.hastyClients = createAllAwsClients({ ...where, maxAttempts: 1 });
  }

  /** @param options of the endpoint, beside its port and clock */
  static async start(
    clock?: Pick<Clock, 'now'>,
    options: Partial<AwsEndpointOptions> = {},
  ): Promise<TestAws> {
    process.env['AWS_ACCESS_KEY_ID'] = 'fake-access-key';
    process.env['AWS_SECRET_ACCESS_KEY'] = canarySecret('aws-secret-access-key');
    return new TestAws(await startAwsEndpoint({ port: 0, ...(clock && { clock }), ...options }));
  }

  /** The same, called without a socket while no fault is injected: for whoever ticks for days. */
  static async startDirect(
    clock: Pick<Clock, 'now'>,
    options: Partial<AwsEndpointOptions> = {},
  ): Promise<TestAws> {
    const aws = await TestAws.start(clock, options);
    await callDirectly(aws.endpoint);
    return aws;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const clients of [this.clients, this.hastyClients]) {
      for (const client of Object.values(clients)) client.destroy();
    }
    await this.endpoint.close();
  }

  /** A state table of its own; answers with its name. */
  async createStateTable(tableName = `state-${randomUUID()}`): Promise<string> {
    const { dynamodb } = this.clients;
    await dynamodb.send(new CreateTableCommand(stateTableDefinition(tableName)));
    for (;;) {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: tableName }));
      if (Table?.TableStatus === 'ACTIVE') return tableName;
    }
  }

  /** A secret, empty unless a value is given; answers with its ARN. */
  async createSecret(name: string, value?: unknown): Promise<string> {
    const { ARN = '' } = await this.clients.secretsManager.send(
      new CreateSecretCommand({ Name: name, ...(value !== undefined && { SecretString: textOf(value) }) }),
    );
    return ARN;
  }

  /** Writes as an operator would; answers with the VersionId. */
  async putSecret(name: string, value: unknown): Promise<string> {
    const { VersionId = '' } = await this.clients.secretsManager.send(
      new PutSecretValueCommand({ SecretId: name, SecretString: textOf(value) }),
    );
    return VersionId;
  }

  /** The next calls of one operation go wrong, one fault each. */
  failNext(operation: string, ...faults: readonly Fault[]): void {
    const left = [...faults];
    this.endpoint.inject = (_, called) => (called === operation ? left.shift() : undefined);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
