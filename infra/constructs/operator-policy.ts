import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
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
import type { TokenStorage } from './token-storage.ts';

export interface OperatorPolicyProps {
  readonly storage: TokenStorage;
  readonly refreshNow: IFunction;
}

/**
 * What the `evertoken` command needs, for the people who run it: they store credentials and refresh tokens,
 * declare connections and ask for a refresh, and can read no secret.
 */
export function createOperatorPolicy(scope: Construct, props: OperatorPolicyProps): ManagedPolicy {
  const { storage, refreshNow } = props;
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
      ...stateStatements(scope, storage, ['BatchGetItem', 'GetItem', 'PutItem', 'Scan', 'UpdateItem']),
      // The table names the key that new secrets get too.
      allow('SeeTableAndKey', dynamodb('DescribeTable'), [table.tableArn]),
      allow('SeeWhatIsDue', dynamodb('Query'), [`${table.tableArn}/index/${DUE_INDEX}`]),
      allow('AskForRefresh', ['lambda:InvokeFunction'], [refreshNow.functionArn]),
    ],
  });
  acknowledgeWildcards(
    policy,
    [...secrets, arns.connections],
    'Operators add connections without a deployment, so what belongs to them is granted by the prefix of the namespace.',
  );
  return policy;
}
