import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  RuntimeFamily,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { functionName, functionRoleName } from '../../functions/aws/resource-names.ts';
import type { Variable } from '../../functions/handlers/config.ts';
import type { HandlerName } from '../handler-bundle.ts';
import { acknowledge, acknowledgeWildcards } from './acknowledge.ts';
import { vpcStatement } from './function-permissions.ts';
import { handlerCode } from './handler-code.ts';

/** Versions of CDK of a while ago have no name for it. */
const NODE_24 = new Runtime('nodejs24.x', RuntimeFamily.NODEJS, { supportsInlineCode: true });

/** The longest that a run takes: two leases of a connection, one after the other, and some to spare. @internal */
export const FUNCTION_TIMEOUT = Duration.minutes(5);
/** Memory buys processor time: with less, dozens of TLS handshakes at once make a cold tick late. */
const MEMORY_MB = 512;

/** The network that functions run in. */
export interface FunctionNetwork {
  /**
   * Must lead to the providers, and to Secrets Manager, Systems Manager, DynamoDB and EventBridge; also to KMS and STS
   * where connections sign with a key there, or prove themselves by their role, to SQS where a declared connection
   * lies in a parameter, and to Lambda where the dashboard has buttons.
   */
  readonly vpc: IVpc;
  /** @default - the VPC's private subnets */
  readonly vpcSubnets?: SubnetSelection;
  /** @default - a new group that lets everything out */
  readonly securityGroups?: ISecurityGroup[];
}

/** What becomes of an asynchronous invocation that failed. @internal */
export interface AsynchronousFailure {
  /** Times that Lambda tries again, 0 to 2. */
  readonly retryAttempts: number;
  /** How long an event waits for its turn. */
  readonly maxEventAge: Duration;
  /** Where an event goes that was given up. @default - nowhere */
  readonly deadLetterQueue?: IQueue;
}

/** @internal */
export interface RefresherFunctionProps {
  readonly handler: HandlerName;
  readonly description: string;
  readonly namespace: string;
  readonly environment: Readonly<Partial<Record<Variable, string>>>;
  readonly statements: readonly PolicyStatement[];
  /** ARNs with a wildcard in `statements`. */
  readonly wildcards: readonly string[];
  readonly asynchronous: AsynchronousFailure;
  /** @default FUNCTION_TIMEOUT */
  readonly timeout?: Duration;
  readonly logRetention?: RetentionDays | undefined;
  readonly network?: FunctionNetwork | undefined;
}

/** One handler as a function, with a role of its own and a log group that outlives it. @internal */
export class RefresherFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: RefresherFunctionProps) {
    super(scope, id);
    const { handler, namespace, network, asynchronous } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.role = this.#createRole(props);
    logGroup.grantWrite(this.role);
    // No reserved concurrency: a new account has ten in all, of which nothing may be reserved. A lease in the
    // state table keeps ticks apart.
    this.function = new LambdaFunction(this, 'Function', {
      functionName: functionName(namespace, handler),
      description: props.description,
      runtime: NODE_24,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: handlerCode(this, handler),
      role: this.role,
      timeout: props.timeout ?? FUNCTION_TIMEOUT,
      memorySize: MEMORY_MB,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      systemLogLevelV2: SystemLogLevel.INFO,
      environment: props.environment,
      retryAttempts: asynchronous.retryAttempts,
      maxEventAge: asynchronous.maxEventAge,
      ...(asynchronous.deadLetterQueue && { deadLetterQueue: asynchronous.deadLetterQueue }),
      ...network,
    });
  }

  #createRole({ handler, namespace, statements, wildcards, network }: RefresherFunctionProps): Role {
    const role = new Role(this, 'Role', {
      // Fixed: the key of rescues, in a stack that cannot refer to this one, lets in by name.
      roleName: functionRoleName(namespace, handler, Stack.of(this).region),
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Role of Evertoken's ${handler}`,
    });
    for (const statement of statements) role.addToPolicy(statement);
    acknowledgeWildcards(
      role,
      wildcards,
      'Connections come and go without a deployment, so what belongs to them is granted by the prefix of the namespace.',
    );
    if (network !== undefined) {
      role.addToPolicy(vpcStatement());
      acknowledge(
        role,
        'AwsSolutions-IAM5[Resource::*]',
        'EC2 knows no ARN of a network interface that is yet to be made.',
      );
    }
    return role;
  }
}
