import { CreateTableCommand, type CreateTableInput, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  ResourceExistsException,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import type { LocalAwsClients } from '../../endpoint-clients.ts';
import { type Account, regionalArn } from '../../iam/account.ts';
import type { Creator } from '../create-resources.ts';
import type { Deployed } from '../deployed.ts';
import { creator, unheeded } from './properties.ts';

export interface StorageOptions {
  readonly deployed: Deployed;
  readonly account: Account;
  readonly clients: Pick<LocalAwsClients, 'dynamodb' | 'secretsManager' | 'ssm'>;
  /** What a parameter's value becomes before it is stored. */
  readonly parameterValue: (value: string) => string;
}

const table = {
  TableName: z.string(),
  AttributeDefinitions: z.custom<CreateTableInput['AttributeDefinitions']>(),
  KeySchema: z.custom<CreateTableInput['KeySchema']>(),
  GlobalSecondaryIndexes: z.custom<CreateTableInput['GlobalSecondaryIndexes']>(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  DeletionProtectionEnabled: unheeded,
  PointInTimeRecoverySpecification: unheeded,
  SSESpecification: z
    .strictObject({ KMSMasterKeyId: z.string(), SSEEnabled: z.literal(true), SSEType: z.literal('KMS') })
    .optional(),
};

/** What outlives a deployment, at the endpoint. What an earlier run left is kept. */
export function storageCreators(options: StorageOptions): Record<string, Creator> {
  const { deployed, account, clients, parameterValue } = options;
  return {
    'AWS::DynamoDB::Table': creator(table, async (properties) => {
      const { TableName, SSESpecification } = properties;
      const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } = properties;
      const definition = {
        ...{ TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode },
        ...(SSESpecification && {
          SSESpecification: {
            Enabled: true,
            SSEType: SSESpecification.SSEType,
            KMSMasterKeyId: SSESpecification.KMSMasterKeyId,
          },
        }),
      };
      await clients.dynamodb.send(new CreateTableCommand(definition)).catch(ignore(ResourceInUseException));
      if (SSESpecification) deployed.tableKeys.set(TableName, SSESpecification.KMSMasterKeyId);
      return {
        ref: TableName,
        attributes: { Arn: regionalArn(account, 'dynamodb', `table/${TableName}`) },
      };
    }),

    'AWS::SecretsManager::Secret': creator(
      { Name: z.string(), Description: z.string().optional(), KmsKeyId: z.string().optional() },
      async (properties) => {
        const { secretsManager } = clients;
        await secretsManager.send(new CreateSecretCommand(properties)).catch(ignore(ResourceExistsException));
        const { ARN } = await secretsManager.send(new DescribeSecretCommand({ SecretId: properties.Name }));
        return { ref: String(ARN) };
      },
    ),

    'AWS::SSM::Parameter': creator(
      {
        Name: z.string(),
        Type: z.literal('String'),
        Value: z.string(),
        Description: z.string().optional(),
        Tier: z.enum(['Standard', 'Advanced', 'Intelligent-Tiering']).optional(),
      },
      async ({ Value, ...properties }) => {
        await clients.ssm.send(
          new PutParameterCommand({ ...properties, Value: parameterValue(Value), Overwrite: true }),
        );
        return { ref: properties.Name };
      },
    ),
  };
}

function ignore(kind: abstract new (...args: never[]) => Error): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof kind)) throw error;
  };
}
