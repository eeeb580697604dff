import { Duration, Stack } from 'aws-cdk-lib';
import { type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { parameterName } from '../../functions/aws/resource-names.ts';

export interface RequestRulesProps {
  readonly namespace: string;
  readonly refreshNow: IFunction;
  readonly reconcile: IFunction;
  readonly deadLetterQueue: IQueue;
}

/**
 * What happens in the account and makes functions run: requests, changed declarations, deployments. In this account
 * alone: another may be let forward its events to the bus, for reasons of its own.
 */
export class RequestRules extends Construct {
  constructor(scope: Construct, id: string, props: RequestRulesProps) {
    super(scope, id);
    const { namespace, refreshNow, reconcile, deadLetterQueue } = props;
    const rule = (ruleId: string, description: string, eventPattern: EventPattern, target: IFunction) => {
      const delivery = { deadLetterQueue, retryAttempts: 10, maxEventAge: Duration.hours(1) };
      const targets = [new LambdaFunction(target, delivery)];
      const account = [Stack.of(this).account];
      new Rule(this, ruleId, { description, eventPattern: { account, ...eventPattern }, targets });
    };
    const parameters = (names: string[], operation: string[]): EventPattern => ({
      source: ['aws.ssm'],
      detailType: ['Parameter Store Change'],
      detail: { name: names, operation },
    });
    rule(
      'RefreshRequested',
      `Refreshes connections of ${namespace} on request`,
      { detailType: ['Refresh Requested'], detail: { namespace: [namespace] } },
      refreshNow,
    );
    rule(
      'ConnectionDeclared',
      `Registers a connection of ${namespace} when its declaration is written`,
      parameters(Match.prefix(parameterName.connection(namespace, '')), ['Create', 'Update']),
      refreshNow,
    );
    rule(
      'Deployed',
      `Reconciles ${namespace} after a deployment`,
      parameters([parameterName.deployment(namespace)], ['Create', 'Update']),
      reconcile,
    );
  }
}
