import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deploymentArns } from './deployment-arns.ts';
import { constructId } from './token-storage.ts';

export interface RequestedRefreshProps {
  readonly namespace: string;
  readonly refreshNow: IFunction;
  readonly deadLetterQueue: IQueue;
}

/**
 * Requests for one connection by those who may ask for no other. IAM sees neither what a function is invoked with nor the
 * detail of an event, but it does see an event's source: each connection has one of its own.
 * @internal
 */
export class RequestedRefresh extends Construct {
  readonly #props: RequestedRefreshProps;

  constructor(scope: Construct, id: string, props: RequestedRefreshProps) {
    super(scope, id);
    this.#props = props;
  }

  grant(grantee: IGrantable, connectionName: string): Grant {
    const { namespace } = this.#props;
    const source = `evertoken.refresh/${namespace}/${connectionName}`;
    this.#listen(source, connectionName);
    return Grant.addToPrincipal({
      grantee,
      actions: ['events:PutEvents'],
      resourceArns: [deploymentArns(this, namespace).eventBus],
      conditions: { StringEquals: { 'events:source': source } },
    });
  }

  #listen(source: string, connectionName: string): void {
    const { namespace, refreshNow, deadLetterQueue } = this.#props;
    const id = constructId(connectionName);
    if (this.node.tryFindChild(id)) return;
    const delivery = { deadLetterQueue, retryAttempts: 10, maxEventAge: Duration.hours(1) };
    const event = RuleTargetInput.fromObject({ connections: [connectionName], force: true });
    new Rule(this, id, {
      description: `Refreshes connection ${connectionName} of ${namespace} on request`,
      eventPattern: { account: [Stack.of(this).account], source: [source] },
      targets: [new LambdaFunction(refreshNow, { ...delivery, event })],
    });
  }
}
