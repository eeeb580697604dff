import type { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { SecretReference } from '../../functions/connections/connection.ts';
import type { IdentityRules } from '../../functions/oauth/assertion-rules.ts';
import { acknowledge } from './acknowledge.ts';
import { deploymentArns, viaService } from './deployment-arns.ts';
import { type Actions, allow, deny, kms, secretsManager, WRITES } from './function-permissions.ts';
import type { StoredConnection, TokenStorage } from './token-storage.ts';

/** Grants a refreshing function what one connection needs beside what is under the prefixes of the namespace. */
export function grantConnection(role: Role, connection: StoredConnection): void {
  const statements = [...foreignStatements(role, connection), ...proofStatements(connection)];
  for (const statement of statements) role.addToPolicy(statement);
  if (connection.proof.identity === undefined) return;
  acknowledge(
    role,
    'AwsSolutions-IAM5[Resource::*]',
    'STS knows no resource of an identity token: audience, algorithm and lifetime are what narrows it.',
  );
}

/** What a connection with secrets of its own needs: those secrets and their keys, by ARN. */
function foreignStatements(
  scope: IConstruct,
  { definition: { credentials, token } }: Pick<StoredConnection, 'definition'>,
): PolicyStatement[] {
  const read = secretsManager('DescribeSecret', 'GetSecretValue');
  return [
    ...(typeof credentials === 'object'
      ? [
          ...foreign(scope, credentials, read, kms('Decrypt')),
          deny(undefined, WRITES, [credentials.secretArn]),
        ]
      : []),
    // Other fields of the secret are kept, so it is read before it is written.
    ...(token
      ? foreign(
          scope,
          token,
          secretsManager('GetSecretValue', 'PutSecretValue'),
          kms('Decrypt', 'GenerateDataKey'),
        )
      : []),
  ];
}

/**
 * What a connection needs that proves itself by AWS: to sign with its key, or a token of the role's own for its
 * audience. Without names, so that CDK merges what is the same for many.
 */
function proofStatements({
  definition: { signingKey },
  proof: { identity, namesPublicKey },
}: Pick<StoredConnection, 'definition' | 'proof'>): PolicyStatement[] {
  return [
    ...(signingKey
      ? [allow(undefined, kms('Sign', ...(namesPublicKey ? ['GetPublicKey'] : [])), [signingKey.kmsKeyArn])]
      : []),
    ...(identity ? [identityStatement(identity)] : []),
  ];
}

/**
 * STS knows no resource of it. The audience has many values, of which none may be another: an empty list would pass,
 * so that there must be one.
 */
function identityStatement({ audience, algorithm, lifetimeSeconds }: IdentityRules): PolicyStatement {
  return allow(undefined, [GET_IDENTITY_TOKEN], ['*'], {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audience },
    Null: { 'sts:IdentityTokenAudience': 'false' },
    StringEquals: { 'sts:SigningAlgorithm': algorithm },
    NumericLessThanEquals: { 'sts:DurationSeconds': String(lifetimeSeconds) },
  });
}

const GET_IDENTITY_TOKEN = 'sts:GetWebIdentityToken';

/**
 * What a rotation needs of one connection's token beside publishing it: it tests what it published, and takes
 * AWSPENDING away. It has no name, so that CDK can merge and split the statements of many connections.
 */
export function rotationStatement(
  scope: IConstruct,
  { namespace }: TokenStorage,
  connectionName: string,
): PolicyStatement {
  const actions = secretsManager('DescribeSecret', 'GetSecretValue', 'UpdateSecretVersionStage');
  return allow(undefined, actions, [deploymentArns(scope, namespace).token(connectionName)]);
}

function foreign(
  scope: IConstruct,
  { secretArn, keyArn }: SecretReference,
  actions: Actions,
  keyActions: Actions,
): PolicyStatement[] {
  return [
    allow(undefined, actions, [secretArn]),
    ...(keyArn === undefined
      ? []
      : [
          // Through Secrets Manager it opens only what the role may read. The statement is the same for all
          // secrets under one key, so that CDK merges them: a policy has little room.
          allow(undefined, keyActions, [keyArn], {
            StringEquals: { 'kms:ViaService': viaService(scope, 'secretsmanager') },
          }),
        ]),
  ];
}
