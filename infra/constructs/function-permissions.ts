import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { DUE_INDEX, WATCH_INDEX } from '../../functions/aws/state-table/state-table-definition.ts';
import { deploymentArns, viaService } from './deployment-arns.ts';
import { USE_FOR_SECURE_STRINGS } from './key-policy.ts';
import type { TokenStorage } from './token-storage.ts';

export type Actions = readonly string[];

const USE_OF_STATE = [
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
];

/** What refreshing needs: credentials, refresh tokens, tokens in both places, the rescue, and the state. */
export function refreshStatements(scope: IConstruct, storage: TokenStorage): PolicyStatement[] {
  const { credentials, refreshTokens, furtherRefreshTokens, tokens, tokenParameters, rescues, rescuesPath } =
    deploymentArns(scope, storage.namespace);
  return [
    allow('ReadCredentials', secretsManager('DescribeSecret', 'GetSecretValue'), [credentials]),
    deny('LeaveCredentialsToOperators', WRITES, [credentials]),
    allow(
      'ReplaceRefreshTokens',
      secretsManager('DescribeSecret', 'GetSecretValue', 'ListSecretVersionIds', 'PutSecretValue'),
      [refreshTokens],
    ),
    allow('MakeRingsOfSecrets', secretsManager('CreateSecret'), [furtherRefreshTokens]),
    allow('PublishTokens', secretsManager('PutSecretValue'), [tokens]),
    allow('PublishTokensOfMinutes', ssm('DeleteParameter', 'GetParameter', 'PutParameter'), [
      tokenParameters,
    ]),
    allow('RescueRefreshTokens', ssm('DeleteParameter', 'GetParameter', 'PutParameter'), [rescues]),
    allow('ListRescues', ssm('GetParametersByPath'), [rescuesPath]),
    ...useOfKeyForParameters(scope, 'UseKeyForRescues', storage.rescueKey, rescues),
    ...useOfKeyForParameters(scope, 'UseKeyForTokensOfMinutes', storage.key, tokenParameters),
    ...useOfKeyForSecrets(scope, storage, [credentials, refreshTokens, tokens, WHILE_CREATED]),
    ...stateStatements(scope, storage, [
      'BatchGetItem',
      'BatchWriteItem',
      'DeleteItem',
      'GetItem',
      'PutItem',
      'UpdateItem',
    ]),
    tellStatement(scope, storage),
  ];
}

/** What a tick needs beside that. */
export function dueStatement({ table }: TokenStorage): PolicyStatement {
  const indexes = [DUE_INDEX, WATCH_INDEX].map((name) => `${table.tableArn}/index/${name}`);
  return allow('FindWhatIsDueAndWhoNeedsAPerson', dynamodb('Query'), indexes);
}

/** What finding and registering one declaration needs. */
export function declarationStatement(scope: IConstruct, storage: TokenStorage): PolicyStatement {
  const { connections } = deploymentArns(scope, storage.namespace);
  return allow('ReadDeclarations', ssm('GetParameter'), [connections]);
}

/** What reconciling needs: all declarations and all state; the value of no secret. */
export function reconcileStatements(scope: IConstruct, storage: TokenStorage): PolicyStatement[] {
  const { connections, connectionsPath } = deploymentArns(scope, storage.namespace);
  return [
    allow('ListDeclarations', ssm('GetParameter', 'GetParametersByPath'), [connectionsPath, connections]),
    ...stateStatements(scope, storage, ['GetItem', 'PutItem', 'Scan', 'UpdateItem']),
    allow('FindWhoIsRegistered', dynamodb('Query'), [`${storage.table.tableArn}/index/${WATCH_INDEX}`]),
    tellStatement(scope, storage),
  ];
}

/** What Secrets Manager tries a key with when a secret is created, before that has an ARN. */
export const WHILE_CREATED = 'RequestToValidateKeyAccess';

/** The use of the key for what is under these secrets, through Secrets Manager. */
export function useOfKeyForSecrets(
  scope: IConstruct,
  { key }: TokenStorage,
  secretArns: readonly string[],
): PolicyStatement[] {
  if (key === undefined) return [];
  return [
    allow('UseKeyForSecrets', kms('Decrypt', 'GenerateDataKey'), [key.keyArn], {
      StringEquals: { 'kms:ViaService': viaService(scope, 'secretsmanager') },
      StringLike: { 'kms:EncryptionContext:SecretARN': [...secretArns] },
    }),
  ];
}

/** The use of a key for these SecureStrings, through Parameter Store. The key's own policy has to allow it as well. */
function useOfKeyForParameters(
  scope: IConstruct,
  sid: string,
  key: IKey | undefined,
  parameterArn: string,
): PolicyStatement[] {
  if (key === undefined) return [];
  return [
    allow(sid, kms(...USE_FOR_SECURE_STRINGS), [key.keyArn], {
      StringEquals: { 'kms:ViaService': viaService(scope, 'ssm') },
      StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': parameterArn },
    }),
  ];
}

/** Work on the state table's items, with the use of the key that DynamoDB makes for it. */
export function stateStatements(
  scope: IConstruct,
  storage: TokenStorage,
  actions: Actions,
): PolicyStatement[] {
  const { key, table } = storage;
  return [
    allow('WorkOnState', dynamodb(...actions), [table.tableArn]),
    ...(key
      ? [
          allow('UseKeyForState', kms(...USE_OF_STATE), [key.keyArn], {
            StringEquals: { 'kms:ViaService': viaService(scope, 'dynamodb') },
          }),
        ]
      : []),
  ];
}

/** The network interfaces of a function in a VPC. EC2 knows no ARN of an interface that is yet to be made. */
export function vpcStatement(): PolicyStatement {
  const actions = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];
  return allow('Ec2AllowsNoResourceForInterfacesYetToBeMade', actions, ['*']);
}

function tellStatement(scope: IConstruct, { namespace }: TokenStorage): PolicyStatement {
  const { eventBus } = deploymentArns(scope, namespace);
  return allow('TellEvents', ['events:PutEvents'], [eventBus], {
    StringEquals: { 'events:source': 'evertoken' },
  });
}

/** Stands against whatever else grants it: a declared secret of one's own, or a policy that somebody attaches. */
export function deny(sid: string | undefined, actions: Actions, resources: Actions): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    ...(sid !== undefined && { sid }),
    actions: [...actions],
    resources: [...resources],
  });
}

export function allow(
  sid: string | undefined,
  actions: Actions,
  resources: Actions,
  conditions: Record<string, Record<string, string | string[]>> = {},
): PolicyStatement {
  return new PolicyStatement({
    ...(sid !== undefined && { sid }),
    actions: [...actions],
    resources: [...resources],
    conditions,
  });
}

export const secretsManager = (...actions: string[]) => actions.map((action) => `secretsmanager:${action}`);
export const ssm = (...actions: string[]) => actions.map((action) => `ssm:${action}`);
export const dynamodb = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);
export const kms = (...actions: string[]) => actions.map((action) => `kms:${action}`);

/** What changes the value of a secret, or which of its versions counts. */
export const WRITES = secretsManager('PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage');
