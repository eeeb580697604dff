import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface EmptySecretProps {
  readonly name: string;
  /** CloudTrail logs it: nothing sensitive. */
  readonly description: string;
  readonly key: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A secret without a value, which CloudFormation therefore never writes: the L2 construct would generate one,
 * and a change of it would replace a live token. It outlives its removal from the template.
 */
export function createEmptySecret(scope: Construct, id: string, props: EmptySecretProps): CfnSecret {
  const { name, description, key, removalPolicy } = props;
  const secret = new CfnSecret(scope, id, { name, description, ...(key && { kmsKeyId: key.keyArn }) });
  secret.applyRemovalPolicy(removalPolicy);
  acknowledge(
    secret,
    'AwsSolutions-SMG4',
    'Evertoken is what renews it: tokens live for an hour, and native rotation runs every four hours at most. Credentials are renewed at the provider, by hand.',
  );
  return secret;
}
