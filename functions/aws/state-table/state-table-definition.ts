import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** Partition of the index that holds every connection which may become due. */
export const DUE_INDEX = 'due';

/**
 * The state table, for CDK, local mode and tests alike. The index projects no more than a tick needs to
 * choose what to refresh: taking and releasing a lease then writes nothing to it.
 */
export function stateTableDefinition(tableName: string) {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'queue', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
    ],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: DUE_INDEX,
        KeySchema: [
          { AttributeName: 'queue', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['definition'] },
      },
    ],
  } satisfies CreateTableCommandInput;
}
