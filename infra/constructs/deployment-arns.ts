import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { functionRoleName, parameterName, secretName } from '../../functions/aws/resource-names.ts';

/** Default: the account and Region of the stack. */
interface Place {
  readonly account?: string;
  readonly region?: string;
}

/**
 * ARNs of what a namespace keeps, for policies: in the partition, Region and account of the stack, none of
 * which is written down. Each ends in the wildcard that names under the prefix need.
 */
export function deploymentArns(scope: IConstruct, namespace: string, place: Place = {}) {
  const stack = Stack.of(scope);
  const { account = stack.account, region = stack.region } = place;
  const where = { account, region };
  const secret = (resourceName: string) =>
    stack.formatArn({
      ...where,
      service: 'secretsmanager',
      resource: 'secret',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  // The name of a parameter begins with the slash that also separates it in the ARN.
  const parameter = (name: string) =>
    stack.formatArn({ ...where, service: 'ssm', resource: 'parameter', resourceName: name.slice(1) });
  return {
    credentials: secret(secretName.credentials(namespace, '*')),
    refreshTokens: secret(secretName.refreshToken(namespace, '*')),
    /** The further secrets of rings, which the refresher makes itself. */
    furtherRefreshTokens: secret(`${secretName.refreshToken(namespace, '*')}@*`),
    tokens: secret(secretName.token(namespace, '*')),
    connections: parameter(parameterName.connection(namespace, '*')),
    /** What GetParametersByPath is granted on: the path itself. */
    connectionsPath: parameter(parameterName.connection(namespace, '').slice(0, -1)),
    rescues: parameter(parameterName.rescue(namespace, '*')),
    rescuesPath: parameter(parameterName.rescue(namespace, '').slice(0, -1)),
    tokenParameters: parameter(parameterName.token(namespace, '*')),
    tokenParameter: (name: string) => parameter(parameterName.token(namespace, name)),
    deployment: parameter(parameterName.deployment(namespace)),
    /** Secrets Manager adds a hyphen and six characters to the name. */
    token: (name: string) => secret(`${secretName.token(namespace, name)}-??????`),
    /** The role of a handler's function. */
    functionRole: (handler: string) =>
      stack.formatArn({
        account,
        region: '',
        service: 'iam',
        resource: 'role',
        resourceName: functionRoleName(namespace, handler, region),
      }),
    eventBus: stack.formatArn({
      ...where,
      service: 'events',
      resource: 'event-bus',
      resourceName: 'default',
    }),
    anyKey: stack.formatArn({ ...where, service: 'kms', resource: 'key', resourceName: '*' }),
  };
}

/** The value of `kms:ViaService` for calls that a service makes to KMS on behalf of its caller. */
export function viaService(
  scope: IConstruct,
  service: 'secretsmanager' | 'ssm' | 'dynamodb',
  region = Stack.of(scope).region,
): string {
  const { urlSuffix } = Stack.of(scope);
  return `${service}.${region}.${urlSuffix}`;
}
