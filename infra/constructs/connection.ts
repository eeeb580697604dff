import { Annotations, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { type CfnResourcePolicy, type ISecret, ResourcePolicy, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { parameterName, secretName } from '../../functions/aws/resource-names.ts';
import { SynthProblem } from '../synth-problem.ts';
import { checkDefinition, type DeclaredPlace, knownEnvironment } from './connection-definition.ts';
import { type ConnectionOptions, definitionOf, reference } from './connection-options.ts';
import { deploymentArns } from './deployment-arns.ts';
import { soonestExpiryMetric } from './deployment-metrics.ts';
import { createEmptySecret } from './empty-secret.ts';
import {
  decryptStatement,
  grantTokenRead,
  isElsewhere,
  readStatement,
  type TokenToRead,
} from './read-grant.ts';
import {
  type ConnectionAttributes,
  type IConnection,
  ImportedConnection,
  placeOfToken,
} from './readable-connection.ts';
import type { TokenStorage } from './token-storage.ts';

export interface ConnectionProps extends ConnectionOptions {
  /** Where the connection is declared. */
  readonly storage: TokenStorage;
  /**
   * Segments of a-z, 0-9, ".", "_" and "-", joined by "/"; at most 128 characters. A part of the names of its
   * secrets.
   */
  readonly connectionName: string;
}

/** Parameter Store's limit for a value, in bytes; above 4,096 a parameter costs $0.05 a month. */
const MOST_PARAMETER_BYTES = 8192;

/**
 * One set of tokens that is kept fresh: its declaration, and the secrets of its tokens, created empty and
 * kept when the connection is removed.
 */
export class Connection extends Construct implements IConnection {
  /** A connection of a deployment elsewhere, to read its token. */
  static fromConnectionName(
    scope: Construct,
    id: string,
    connectionName: string,
    attributes: ConnectionAttributes = {},
  ): IConnection {
    return new ImportedConnection(scope, id, connectionName, attributes);
  }

  /**
   * A connection of a deployment elsewhere, by the ARN of its token's secret: namespace, name, account and Region are in it.
   * @throws SynthProblem for the ARN of any other secret
   */
  static fromTokenSecretArn(scope: Construct, id: string, tokenSecretArn: string): IConnection {
    const { connectionName, ...attributes } = placeOfToken(tokenSecretArn);
    return new ImportedConnection(scope, id, connectionName, attributes);
  }

  readonly connectionName: string;
  readonly tokenSecret: ISecret;
  readonly #storage: TokenStorage;
  /** Of the places of the token and of their key, for policies. */
  readonly #token: TokenToRead;
  /** Where it goes first, as far as is declared. */
  readonly #place: DeclaredPlace;
  #readersElsewhere: ResourcePolicy | undefined;

  /** @throws SynthProblem when the connection cannot be kept fresh as it is declared, with what to change */
  constructor(scope: Construct, id: string, props: ConnectionProps) {
    super(scope, id);
    const { storage, connectionName, ...options } = props;
    const { grants, warnings, ...declared } = checkDefinition(connectionName, definitionOf(options), {
      namespace: storage.namespace,
      ...knownEnvironment(this),
    });
    const { definition, place } = declared;
    for (const warning of warnings) Annotations.of(this).addWarningV2('evertoken:connection', warning);
    storage.add({ connectionName, ...declared, construct: this });
    this.#place = place;
    this.#storage = storage;
    this.connectionName = connectionName;
    const { namespace } = storage;
    this.#declare(definition);
    if (grants.includes('refresh_token') && !options.adopt) {
      createEmptySecret(this, 'RefreshToken', {
        name: secretName.refreshToken(namespace, connectionName),
        description: `Refresh token of connection "${connectionName}", written by Evertoken; it stays when the connection is removed`,
        key: storage.key,
        removalPolicy: storage.removalPolicy,
      });
    }
    const { secret, arns } = this.#createToken(options);
    this.tokenSecret = secret;
    this.#token = arns;
  }

  grantRead(grantee: IGrantable): Grant {
    const stack = Stack.of(this);
    const elsewhere = isElsewhere(grantee, stack.account);
    const { keyArn } = this.#token;
    if (!elsewhere) {
      const grant = grantTokenRead(this, grantee, this.#token);
      if (grant.success) return grant;
    }
    const { ownKey } = this.#storage;
    if (keyArn === undefined) {
      throw new SynthProblem(
        `connection "${this.connectionName}": a reader in another account needs a key whose policy can name it; AWS's own cannot: set encryption to "customer-managed"`,
      );
    }
    if (this.#place === 'parameter') {
      throw new SynthProblem(
        `connection "${this.connectionName}": a reader in another account cannot read its token, which goes to a parameter, and no other account may read those: have the reader assume a role of this account, or the provider issue tokens that live long enough for a secret, with publishTo set to "secret"`,
      );
    }
    const { token, anyKey } = deploymentArns(this, this.#storage.namespace);
    this.#policyOfToken().document.addStatements(readStatement(grantee));
    if (ownKey !== undefined && keyArn === ownKey.keyArn) {
      ownKey.addToResourcePolicy(decryptStatement(this, grantee, token(this.connectionName)));
    } else {
      Annotations.of(this).addWarningV2(
        'evertoken:key-policy',
        `connection "${this.connectionName}": the policy of its key is kept elsewhere, and must let the reader in the other account decrypt`,
      );
    }
    // What another account's role may do is granted there too, by what its stack can know of this one.
    return grantTokenRead(this, grantee, { secretArn: token(this.connectionName), keyArn: anyKey });
  }

  metricSoonestExpiry(options?: MetricOptions): Metric {
    return soonestExpiryMetric(this.#storage.namespace, options);
  }

  #declare(definition: object): void {
    // Two braces would be a reference: Parameter Store refuses them, and CloudFormation might resolve one to
    // a secret's value. In JSON they can only meet inside a string, where an escape means the same.
    const value = JSON.stringify(definition).replaceAll('{{', '{\\u007b');
    const bytes = Buffer.byteLength(value);
    if (bytes > MOST_PARAMETER_BYTES) {
      throw new SynthProblem(
        `connection "${this.connectionName}": is ${bytes} bytes long in JSON; Parameter Store takes ${MOST_PARAMETER_BYTES}`,
      );
    }
    new CfnParameter(this, 'Declaration', {
      name: parameterName.connection(this.#storage.namespace, this.connectionName),
      description: `Connection "${this.connectionName}" of Evertoken, declared with CDK: edit it there`,
      type: 'String',
      tier: 'Intelligent-Tiering',
      value,
    });
  }

  #createToken({ token, adopt = false }: ConnectionOptions) {
    const { key, namespace } = this.#storage;
    if (token !== undefined) {
      const { secretArn, keyArn } = reference(token);
      const secret = 'node' in token ? token : Secret.fromSecretCompleteArn(this, 'Token', secretArn);
      // A secret of one's own is the only place of its token.
      return { secret, arns: { secretArn, keyArn } };
    }
    const name = secretName.token(namespace, this.connectionName);
    const keyArn = key?.keyArn;
    const ours = deploymentArns(this, namespace);
    const parameter = { parameterArn: ours.tokenParameter(this.connectionName), keyArn };
    if (adopt) {
      const secret = Secret.fromSecretNameV2(this, 'Token', name);
      return { secret, arns: { secretArn: ours.token(this.connectionName), keyArn, parameter } };
    }
    const created = createEmptySecret(this, 'TokenSecret', {
      name,
      description: `Access token of connection "${this.connectionName}", kept fresh by Evertoken; it stays when the connection is removed`,
      key,
      removalPolicy: this.#storage.removalPolicy,
    });
    const secret = Secret.fromSecretCompleteArn(this, 'Token', created.ref);
    return { secret, arns: { secretArn: created.ref, keyArn, parameter } };
  }

  #policyOfToken(): ResourcePolicy {
    if (this.#readersElsewhere === undefined) {
      this.#readersElsewhere = new ResourcePolicy(this, 'ReadersElsewhere', { secret: this.tokenSecret });
      (this.#readersElsewhere.node.defaultChild as CfnResourcePolicy).blockPublicPolicy = true;
    }
    return this.#readersElsewhere;
  }
}
