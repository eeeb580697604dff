import { Stack } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { secretName } from '../../functions/aws/resource-names.ts';
import { grantConnection, rotationStatement } from './connection-permissions.ts';
import { deploymentArns } from './deployment-arns.ts';
import type { RefresherFunction } from './refresher-function.ts';
import { constructId, type StoredConnection, type TokenStorage } from './token-storage.ts';

/**
 * The most that Secrets Manager takes. The console offers rotation only beside a schedule, on which nothing
 * depends here: a run of it is a refresh like any other.
 */
const LONGEST_INTERVAL_DAYS = 1000;

export interface ConsoleRotationProps {
  readonly storage: TokenStorage;
  /** Called at most once: for the first connection that allows rotation. */
  readonly createFunction: () => RefresherFunction;
}

/**
 * "Rotate secret immediately" for the connections with `consoleRotate`, whenever they are declared. Without
 * one there is neither function nor role.
 *
 * A secret is known by its name here. A reference to it would be an export of the storage's stack, and that
 * could then no longer let the connection go.
 */
export class ConsoleRotation extends Construct {
  readonly #storage: TokenStorage;
  #function: RefresherFunction | undefined;

  constructor(scope: Construct, id: string, { storage, createFunction }: ConsoleRotationProps) {
    super(scope, id);
    this.#storage = storage;
    storage.forEachConnection((connection) => {
      if (!connection.definition.consoleRotate) return;
      this.#function ??= this.#letSecretsManagerInvoke(createFunction());
      this.#rotate(connection, this.#function);
    });
  }

  #letSecretsManagerInvoke(rotating: RefresherFunction): RefresherFunction {
    rotating.function.addPermission('Rotation', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
      sourceArn: deploymentArns(this, this.#storage.namespace).tokens,
    });
    return rotating;
  }

  #rotate(connection: StoredConnection, rotating: RefresherFunction): void {
    const { connectionName, construct } = connection;
    rotating.role.addToPolicy(rotationStatement(this, this.#storage, connectionName));
    grantConnection(rotating.role, connection);
    const schedule = new CfnRotationSchedule(this, constructId(connectionName), {
      secretId: secretName.token(this.#storage.namespace, connectionName),
      rotationLambdaArn: rotating.function.functionArn,
      rotateImmediatelyOnUpdate: false,
      rotationRules: { automaticallyAfterDays: LONGEST_INTERVAL_DAYS },
    });
    // Secrets Manager invokes the function when rotation is set up, and the function reads the declaration.
    schedule.node.addDependency(construct, rotating);
  }
}
