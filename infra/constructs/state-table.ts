import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { stateTableName } from '../../functions/aws/resource-names.ts';
import { stateTableDefinition } from '../../functions/aws/state-table/state-table-definition.ts';

interface StateTableProps {
  readonly namespace: string;
  readonly key: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The table of `stateTableDefinition`. Its name is fixed, so that a change which would need a new table fails
 * in place of leaving the state, and the attempts open in it, behind.
 */
export function createStateTable(
  scope: Construct,
  { namespace, key, removalPolicy }: StateTableProps,
): Table {
  const definition = stateTableDefinition(stateTableName(namespace));
  const [partitionKey] = keys(definition.KeySchema, definition.AttributeDefinitions);
  const table = new Table(scope, 'StateTable', {
    tableName: definition.TableName,
    partitionKey,
    billingMode: BillingMode.PAY_PER_REQUEST,
    deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy,
    ...(key && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
  });
  for (const index of definition.GlobalSecondaryIndexes) {
    const [indexKey, sortKey] = keys(index.KeySchema, definition.AttributeDefinitions);
    table.addGlobalSecondaryIndex({
      indexName: index.IndexName,
      partitionKey: indexKey,
      ...(sortKey && { sortKey }),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...index.Projection.NonKeyAttributes],
    });
  }
  return table;
}

type Keys = readonly [Attribute, Attribute?];

function keys(
  schema: readonly { readonly AttributeName: string; readonly KeyType: string }[],
  attributes: readonly { readonly AttributeName: string; readonly AttributeType: string }[],
): Keys {
  const ordered = ['HASH', 'RANGE'].flatMap((type) => schema.filter(({ KeyType }) => KeyType === type));
  return ordered.map(({ AttributeName: name }) => {
    const { AttributeType: type } = attributes.find(({ AttributeName }) => AttributeName === name) ?? {};
    return { name, type: type === 'N' ? AttributeType.NUMBER : AttributeType.STRING };
  }) as unknown as Keys;
}
