import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { storeCall } from '../../functions/aws/aws-error.ts';

/**
 * The key that encrypts a deployment's state, and therefore its secrets: new ones get the same. `undefined`
 * where AWS manages the keys.
 * @throws StoreError, `missing` when there is no such table
 */
export async function stateTableKey(client: DynamoDBClient, tableName: string): Promise<string | undefined> {
  const { Table } = await storeCall(`DescribeTable ${tableName}`, () =>
    client.send(new DescribeTableCommand({ TableName: tableName })),
  );
  return Table?.SSEDescription?.KMSMasterKeyArn;
}
