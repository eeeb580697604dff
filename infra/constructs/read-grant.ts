import { Token } from 'aws-cdk-lib';
import { Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { viaService } from './deployment-arns.ts';

/** A secret, and what encrypts it, for policies. */
export interface SecretToRead {
  readonly secretArn: string;
  /** Absent where the key needs no grant. */
  readonly keyArn: string | undefined;
  /** @default - the stack's */
  readonly region?: string;
}

const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

/** Whether the grantee is known to be of another account than the secret. */
export function isElsewhere(grantee: IGrantable, account: string): boolean {
  const other = grantee.grantPrincipal.principalAccount;
  if (other === undefined || Token.isUnresolved(other)) return false;
  return Token.isUnresolved(account) || other !== account;
}

/**
 * Lets a principal read one secret, and use its key for that secret alone. The grant has no success where the
 * principal's own policies are not ours to change.
 */
export function grantSecretRead(
  scope: IConstruct,
  grantee: IGrantable,
  { secretArn, keyArn, region }: SecretToRead,
): Grant {
  const grant = Grant.addToPrincipal({ grantee, actions: READ, resourceArns: [secretArn] });
  if (keyArn === undefined) return grant;
  const decrypt = Grant.addToPrincipal({
    grantee,
    actions: ['kms:Decrypt'],
    resourceArns: [keyArn],
    conditions: decryptConditions(scope, secretArn, region),
  });
  return grant.combine(decrypt);
}

/** The statement for the secret's own policy, which readers in another account need too. */
export function readStatement(grantee: IGrantable): PolicyStatement {
  // In the policy of a secret, `*` is that secret.
  return new PolicyStatement({ principals: [grantee.grantPrincipal], actions: READ, resources: ['*'] });
}

/** The statement for the policy of the secret's key. `secretArn` must not refer to the secret, which refers to the key. */
export function decryptStatement(scope: IConstruct, grantee: IGrantable, secretArn: string): PolicyStatement {
  return new PolicyStatement({
    principals: [grantee.grantPrincipal],
    actions: ['kms:Decrypt'],
    resources: ['*'],
    conditions: decryptConditions(scope, secretArn),
  });
}

function decryptConditions(scope: IConstruct, secretArn: string, region?: string) {
  return {
    StringEquals: { 'kms:ViaService': viaService(scope, 'secretsmanager', region) },
    StringLike: { 'kms:EncryptionContext:SecretARN': secretArn },
  };
}
