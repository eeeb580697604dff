import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, AnyPrincipal, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { deploymentArns, viaService } from './deployment-arns.ts';
import { administrationStatement, keyStatement } from './key-policy.ts';

const USE = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
].map((action) => `kms:${action}`);

/**
 * The key of a namespace's secrets and state. Nobody uses it directly: only through Secrets Manager and DynamoDB,
 * which note each use in CloudTrail with what it was for. Whoever in the account may read the secret of an access
 * token may also decrypt it; all else needs a grant in IAM as well.
 */
export function createTokenKey(scope: Construct, namespace: string): Key {
  const { account } = Stack.of(scope);
  const throughSecretsManager = {
    'kms:CallerAccount': account,
    'kms:ViaService': viaService(scope, 'secretsmanager'),
  };
  const statements = [
    administrationStatement(),
    keyStatement('UseThroughServicesAsIamGrants', new AccountRootPrincipal(), USE, {
      StringEquals: {
        'kms:CallerAccount': account,
        'kms:ViaService': (['secretsmanager', 'dynamodb'] as const).map((service) =>
          viaService(scope, service),
        ),
      },
    }),
    // DynamoDB works on the table in the background, on grants that whoever creates the table makes for it.
    keyStatement('GrantsForTheTable', new AccountRootPrincipal(), ['kms:CreateGrant'], {
      StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': viaService(scope, 'dynamodb') },
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
    }),
    keyStatement('ReadersOfTokens', new AnyPrincipal(), ['kms:Decrypt'], {
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
