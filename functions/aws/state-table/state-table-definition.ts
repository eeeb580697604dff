import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** Partition of the index that holds every connection which may become due, and its name. */
export const DUE_INDEX = 'due';
/**
 * The same of the index of all who are registered, in the order in which somebody must look at them; paused ones are
 * behind all others.
 */
export const WATCH_INDEX = 'watch';

/**
 * The state table, for CDK, local mode and tests alike. The indexes project no more than a tick needs to
 * choose what to refresh and to say how all stand, and reconciling to know who is registered with which definition.
 * Nothing of that changes without a key of theirs, or seldom: taking a lease writes nothing to them, and a refresh
 * nothing beside its place.
 */
export function stateTableDefinition(tableName: string) {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'queue', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
      { AttributeName: 'registered', AttributeType: 'S' },
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
          { AttributeName: 'registered', KeyType: 'HASH' },
          { AttributeName: 'watchAt', KeyType: 'RANGE' },
        ],
        Projection: {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: [
            ...['dueAt', 'needAt', 'dangerAt', 'expiresAt', 'lastOutcome'],
            ...['digest', 'paused', 'missingAt', 'neededFor', 'neededToldAt', 'untold'],
            ...['refreshTokenExpiresAt', 'endStays', 'onlyRefreshed'],
          ],
        },
      },
    ],
  } satisfies CreateTableCommandInput;
}
