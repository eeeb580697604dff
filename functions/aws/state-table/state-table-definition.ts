import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** Partition of the indexes that hold every connection which may become due, and name of the first. */
export const DUE_INDEX = 'due';
/** The same connections, in the order in which somebody must look at them. */
export const WATCH_INDEX = 'watch';

/**
 * The state table, for CDK, local mode and tests alike. The indexes project no more than a tick needs to
 * choose what to refresh and to say how all stand: taking a lease then writes nothing to them.
 */
export function stateTableDefinition(tableName: string) {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'queue', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
      { AttributeName: 'watchAt', AttributeType: 'N' },
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
      {
        IndexName: WATCH_INDEX,
        KeySchema: [
          { AttributeName: 'queue', KeyType: 'HASH' },
          { AttributeName: 'watchAt', KeyType: 'RANGE' },
        ],
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: ['dueAt', 'needAt', 'dangerAt', 'expiresAt', 'lastOutcome'],
        },
      },
    ],
  } satisfies CreateTableCommandInput;
}
