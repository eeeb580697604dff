import { Token } from 'aws-cdk-lib';
import { Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { viaService } from './deployment-arns.ts';

/** Where a token may be, and what encrypts it there, for policies. */
export interface TokenToRead {
  readonly secretArn: string;
  /** The key of the secret. Absent where it needs no grant. */
  readonly keyArn: string | undefined;
  /** Absent where the token is never in a parameter that the reader could read. */
  readonly parameter?: ParameterToRead | undefined;
  /** @default - the stack's */
  readonly region?: string;
}

interface ParameterToRead {
  readonly parameterArn: string;
  /** Absent where it needs no grant. */
  readonly keyArn: string | undefined;
}

const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

/** Whether the grantee is known to be of another account than the secret. */
export function isElsewhere(grantee: IGrantable, account: string): boolean {
  const other = grantee.grantPrincipal.principalAccount;
  if (other === undefined || Token.isUnresolved(other)) return false;
  return Token.isUnresolved(account) || other !== account;
}

/**
 * Lets a principal read one token where it is, since it may move by itself: its secret and its parameter, and their
 * key for these two alone. The grant has no success where the principal's own policies are not ours to change.
 */
export function grantTokenRead(
  scope: IConstruct,
  grantee: IGrantable,
  { secretArn, keyArn, parameter, region }: TokenToRead,
): Grant {
  const add = (actions: string[], resource: string, conditions = {}) =>
    Grant.addToPrincipal({ grantee, actions, resourceArns: [resource], conditions });
  const grants = [add(READ, secretArn)];
  if (keyArn !== undefined) {
    grants.push(add(['kms:Decrypt'], keyArn, secretConditions(scope, secretArn, region)));
  }
  if (parameter !== undefined) {
    const { parameterArn } = parameter;
    grants.push(add(['ssm:GetParameter'], parameterArn));
    if (parameter.keyArn !== undefined) {
      grants.push(add(['kms:Decrypt'], parameter.keyArn, parameterConditions(scope, parameterArn, region)));
    }
  }
  return grants.reduce((all, grant) => all.combine(grant));
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
    conditions: secretConditions(scope, secretArn),
  });
}

function secretConditions(scope: IConstruct, secretArn: string, region?: string) {
  return {
    StringEquals: { 'kms:ViaService': viaService(scope, 'secretsmanager', region) },
    StringLike: { 'kms:EncryptionContext:SecretARN': secretArn },
  };
}

function parameterConditions(scope: IConstruct, parameterArn: string, region?: string) {
  return {
    StringEquals: {
      'kms:ViaService': viaService(scope, 'ssm', region),
      'kms:EncryptionContext:PARAMETER_ARN': parameterArn,
    },
  };
}
