import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { HandlerName } from '../handler-bundle.ts';
import { deploymentArns, viaService } from './deployment-arns.ts';
import { administrationStatement, keyStatement, USE_FOR_SECURE_STRINGS } from './key-policy.ts';

/** The functions that exchange refresh tokens, and so may have to bring one to safety. */
const REFRESHING: readonly HandlerName[] = ['refresh-due', 'refresh-now', 'rotate-secret'];

/**
 * The key of a namespace's rescues. A rescue is a refresh token that lives, and whoever else may read parameters,
 * all of them even, reads nothing of it without changing this policy. The roles are in a stack that refers to
 * this one, so that the policy cannot refer to them: it knows them by their names, which are fixed.
 */
export function createRescueKey(scope: Construct, namespace: string, removalPolicy: RemovalPolicy): Key {
  const { rescues, functionRole } = deploymentArns(scope, namespace);
  const use = USE_FOR_SECURE_STRINGS.map((action) => `kms:${action}`);
  const statements = [
    administrationStatement(),
    keyStatement('RescuesByTheRefresher', new AccountRootPrincipal(), use, {
      StringEquals: {
        'kms:CallerAccount': Stack.of(scope).account,
        'kms:ViaService': viaService(scope, 'ssm'),
      },
      StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': rescues },
      ArnEquals: { 'aws:PrincipalArn': REFRESHING.map(functionRole) },
    }),
  ];
  return new Key(scope, 'RescueKey', {
    alias: `alias/${namespace}-rescue`,
    description: `Rescued refresh tokens of Evertoken, namespace ${namespace}`,
    enableKeyRotation: true,
    policy: new PolicyDocument({ statements }),
    removalPolicy,
  });
}
