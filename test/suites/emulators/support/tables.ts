import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stateTableDefinition } from '../../../../functions/aws/state-table/state-table-definition.ts';

export interface CreatedTable {
  readonly name: string;
  readonly arn: string;
}

/** A state table of its own, once it can be written to. */
export async function createTable(client: DynamoDBClient): Promise<CreatedTable> {
  const name = `state-${randomUUID()}`;
  await client.send(new CreateTableCommand(stateTableDefinition(name)));
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return { name, arn: Table.TableArn ?? '' };
  }
}
