import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  type IPrincipal,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { deploymentArns, viaService } from './deployment-arns.ts';

/** What administrators of the account may do with the key. Using it is not among it. */
const ADMINISTRATION = [
  'CancelKeyDeletion',
  'CreateAlias',
  'DeleteAlias',
  'DescribeKey',
  'DisableKey',
  'DisableKeyRotation',
  'EnableKey',
  'EnableKeyRotation',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'ListGrants',
  'ListKeyPolicies',
  'ListKeyRotations',
  'ListResourceTags',
  'PutKeyPolicy',
  'RevokeGrant',
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  'TagResource',
  'UntagResource',
  'UpdateAlias',
  'UpdateKeyDescription',
].map((action) => `kms:${action}`);

const USE = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
].map((action) => `kms:${action}`);

/**
 * The key of a namespace's secrets and state. Nobody uses it directly: only through Secrets Manager,
 * Systems Manager and DynamoDB, which note each use in CloudTrail with what it was for. Whoever in the account may read
 * the secret of an access token may also decrypt it; all else needs a grant in IAM as well.
 */
export function createTokenKey(scope: Construct, namespace: string): Key {
  const { account } = Stack.of(scope);
  const throughSecretsManager = {
    'kms:CallerAccount': account,
    'kms:ViaService': viaService(scope, 'secretsmanager'),
  };
  const statements = [
    statement('Administration', new AccountRootPrincipal(), ADMINISTRATION, {}),
    statement('UseThroughServicesAsIamGrants', new AccountRootPrincipal(), USE, {
      StringEquals: {
        'kms:CallerAccount': account,
        'kms:ViaService': (['secretsmanager', 'ssm', 'dynamodb'] as const).map((service) =>
          viaService(scope, service),
        ),
      },
    }),
    // DynamoDB works on the table in the background, on grants that whoever creates the table makes for it.
    statement('GrantsForTheTable', new AccountRootPrincipal(), ['kms:CreateGrant'], {
      StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': viaService(scope, 'dynamodb') },
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
    }),
    statement('ReadersOfTokens', new AnyPrincipal(), ['kms:Decrypt'], {
      StringEquals: throughSecretsManager,
      StringLike: { 'kms:EncryptionContext:SecretARN': deploymentArns(scope, namespace).tokens },
    }),
  ];
  return new Key(scope, 'Key', {
    alias: `alias/${namespace}`,
    description: `Secrets and state of Evertoken, namespace ${namespace}`,
    enableKeyRotation: true,
    policy: new PolicyDocument({ statements }),
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

function statement(
  sid: string,
  principal: IPrincipal,
  actions: string[],
  conditions: Record<string, Record<string, string | string[]>>,
): PolicyStatement {
  // In the policy of a key, `*` is that key.
  return new PolicyStatement({ sid, principals: [principal], actions, resources: ['*'], conditions });
}
