import { Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct } from 'constructs';
import { secretName } from '../../functions/aws/resource-names.ts';
import { SynthProblem } from '../synth-problem.ts';
import { deploymentArns } from './deployment-arns.ts';
import { soonestExpiryMetric } from './deployment-metrics.ts';
import { grantTokenRead, type TokenToRead } from './read-grant.ts';

/** A connection, declared here or elsewhere, whose token can be read. */
export interface IConnection extends IConstruct {
  readonly connectionName: string;
  /**
   * The secret of the access token: JSON with `access_token`, `token_type` and `expires_at`, or, where the token lives
   * too short a time for a secret, the name of its `parameter`. It changes every hour or so, so read it when you need
   * it; a value copied at deploy or at start goes stale.
   */
  readonly tokenSecret: ISecret;
  /**
   * Lets a principal read the token: `GetSecretValue` on its secret, `GetParameter` on the parameter that it may move to,
   * and their key for nothing else. In another account the secret alone: no other account reads a parameter.
   */
  grantRead(grantee: IGrantable): Grant;
  /** Seconds until the first token in the namespace expires: a metric of the deployment as a whole. */
  metricSoonestExpiry(options?: MetricOptions): Metric;
}

export interface ConnectionAttributes {
  /** @default 'evertoken' */
  readonly namespace?: string;
  /**
   * Account that the connection is in.
   * @default - the stack's
   */
  readonly account?: string;
  /**
   * Region that the connection is in.
   * @default - the stack's
   */
  readonly region?: string;
}

/** A connection of a deployment elsewhere, known by its name. @internal */
export class ImportedConnection extends Construct implements IConnection {
  readonly connectionName: string;
  readonly tokenSecret: ISecret;
  readonly #namespace: string;
  readonly #token: TokenToRead;

  constructor(scope: Construct, id: string, connectionName: string, attributes: ConnectionAttributes) {
    super(scope, id);
    const { account, region, namespace = 'evertoken' } = attributes;
    this.connectionName = connectionName;
    this.#namespace = namespace;
    const arns = deploymentArns(this, namespace, attributes);
    const ours = Stack.of(this);
    const elsewhere = (account ?? ours.account) !== ours.account;
    const isHere = !elsewhere && (region ?? ours.region) === ours.region;
    this.tokenSecret = isHere
      ? Secret.fromSecretNameV2(this, 'Token', secretName.token(namespace, connectionName))
      : Secret.fromSecretPartialArn(this, 'Token', arns.token(connectionName).replace(/-\?{6}$/, ''));
    // In its own account the key lets whoever may read the secret decrypt it, and for the parameter leaves it to IAM.
    const parameter = { parameterArn: arns.tokenParameter(connectionName), keyArn: arns.anyKey };
    this.#token = {
      secretArn: arns.token(connectionName),
      keyArn: elsewhere ? arns.anyKey : undefined,
      ...(!elsewhere && { parameter }),
      ...(region !== undefined && { region }),
    };
  }

  grantRead(grantee: IGrantable): Grant {
    return grantTokenRead(this, grantee, this.#token);
  }

  metricSoonestExpiry(options?: MetricOptions): Metric {
    return soonestExpiryMetric(this.#namespace, options);
  }
}

const TOKEN_SECRET =
  /^arn:[^:]+:secretsmanager:(?<region>[^:]+):(?<account>\d{12}):secret:(?<namespace>[^/]+)\/tokens\/(?<name>.+?)(?:-[A-Za-z0-9]{6})?$/;

/** What the ARN of a token's secret says of the connection. @throws SynthProblem for any other @internal */
export function placeOfToken(
  arn: string,
): Required<ConnectionAttributes> & { readonly connectionName: string } {
  const { region, account, namespace, name } = TOKEN_SECRET.exec(arn)?.groups ?? {};
  if (region === undefined || account === undefined || namespace === undefined || name === undefined) {
    throw new SynthProblem(
      `tokenSecretArn: found "${arn}"; expected the ARN of a secret <namespace>/tokens/<connection>, such as arn:aws:secretsmanager:eu-central-1:111122223333:secret:evertoken/tokens/crm-AbCdEf`,
    );
  }
  return { connectionName: name, namespace, account, region };
}
