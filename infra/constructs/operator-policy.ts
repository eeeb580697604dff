import { Lazy } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DUE_INDEX } from '../../functions/aws/state-table/state-table-definition.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { deploymentArns } from './deployment-arns.ts';
import {
  allow,
  dynamodb,
  secretsManager,
  ssm,
  stateStatements,
  useOfKeyForSecrets,
  WHILE_CREATED,
} from './function-permissions.ts';
import type { RefresherFunction } from './refresher-function.ts';
import type { TokenStorage } from './token-storage.ts';

export interface OperatorPolicyProps {
  readonly storage: TokenStorage;
  readonly refreshNow: IFunction;
  /** All of which the logs may be read, those that are made later included. */
  readonly logging: readonly RefresherFunction[];
  /** What the dashboard invokes in the name of whoever looks at it, and presses its buttons. */
  readonly status: readonly IFunction[];
}

/**
 * What the `evertoken` command needs, for the people who run it: they store credentials and refresh tokens,
 * declare connections, ask for a refresh and read the logs, and can read no secret.
 */
export function createOperatorPolicy(scope: Construct, props: OperatorPolicyProps): ManagedPolicy {
  const { storage, refreshNow, logging, status } = props;
  const ofEach = (arn: (one: LambdaFunction) => string) =>
    Lazy.list({ produce: () => logging.map((one) => arn(one.function)) });
  const { namespace, table } = storage;
  const arns = deploymentArns(scope, namespace);
  const secrets = [arns.credentials, arns.refreshTokens, arns.tokens];
  const policy = new ManagedPolicy(scope, 'OperatorPolicy', {
    description: `Operates the connections of Evertoken, namespace ${namespace}, without reading a secret`,
    statements: [
      allow(
        'StoreSecrets',
        secretsManager('CreateSecret', 'DescribeSecret', 'PutSecretValue', 'TagResource'),
        secrets,
      ),
      ...useOfKeyForSecrets(scope, storage, [...secrets, WHILE_CREATED]),
      allow(
        'DeclareConnections',
        ssm('AddTagsToResource', 'DeleteParameter', 'GetParameter', 'GetParametersByPath', 'PutParameter'),
        [arns.connectionsPath, arns.connections],
      ),
      allow('SeeSettings', ssm('GetParameter'), [arns.deployment]),
      ...stateStatements(scope, storage, ['BatchGetItem', 'GetItem', 'PutItem', 'Scan', 'UpdateItem']),
      // The table names the key that new secrets get too.
      allow('SeeTableAndKey', dynamodb('DescribeTable'), [table.tableArn]),
      allow('SeeWhatIsDue', dynamodb('Query'), [`${table.tableArn}/index/${DUE_INDEX}`]),
      allow('AskForRefresh', ['lambda:InvokeFunction'], [refreshNow.functionArn]),
      // Their log groups have names that nobody knows, and hold no secret.
      allow(
        'FindLogs',
        ['lambda:GetFunctionConfiguration'],
        ofEach(({ functionArn }) => functionArn),
      ),
      allow(
        'ReadLogs',
        ['logs:FilterLogEvents'],
        ofEach(({ logGroup }) => logGroup.logGroupArn),
      ),
      ...(status.length > 0
        ? [
            allow(
              'UseStatusWidget',
              ['lambda:InvokeFunction'],
              status.map((one) => one.functionArn),
            ),
          ]
        : []),
    ],
  });
  acknowledgeWildcards(
    policy,
    [...secrets, arns.connections],
    'Operators add connections without a deployment, so what belongs to them is granted by the prefix of the namespace.',
  );
  return policy;
}
