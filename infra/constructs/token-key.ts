import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, AnyPrincipal, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { deploymentArns, viaService } from './deployment-arns.ts';
import { administrationStatement, keyStatement, USE_FOR_SECURE_STRINGS } from './key-policy.ts';

const USE = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
].map((action) => `kms:${action}`);

/**
 * The key of a namespace's secrets, state and tokens in parameters. Nobody uses it directly: only through Secrets
 * Manager, DynamoDB and Parameter Store, which note each use in CloudTrail with what it was for. Whoever in the account
 * may read the secret of an access token may also decrypt it; all else needs a grant in IAM as well.
 */
export function createTokenKey(scope: Construct, namespace: string, removalPolicy: RemovalPolicy): Key {
  const { account } = Stack.of(scope);
  const { tokens, tokenParameters } = deploymentArns(scope, namespace);
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
      StringLike: { 'kms:EncryptionContext:SecretARN': tokens },
    }),
    // Many a role may read any parameter, each machine that Systems Manager looks after among them: what opens a token
    // there is a grant in IAM to use this key.
    keyStatement(
      'TokensInParametersAsIamGrants',
      new AccountRootPrincipal(),
      USE_FOR_SECURE_STRINGS.map((action) => `kms:${action}`),
      {
        StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': viaService(scope, 'ssm') },
        StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': tokenParameters },
      },
    ),
  ];
  return new Key(scope, 'Key', {
    alias: `alias/${namespace}`,
    description: `Secrets and state of Evertoken, namespace ${namespace}`,
    enableKeyRotation: true,
    policy: new PolicyDocument({ statements }),
    removalPolicy,
  });
}
