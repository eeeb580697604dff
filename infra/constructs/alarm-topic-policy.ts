import { Annotations, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** Alarms come from the one, connections that need a person from the other. */
const TELLERS = ['cloudwatch.amazonaws.com', 'events.amazonaws.com'];

/**
 * Lets CloudWatch and EventBridge of this account publish to a topic. Once a topic has a policy, that
 * which lets in its own account is gone, and alarms would be lost without a word. Where the policy of the topic, or of the
 * key that encrypts it, is kept elsewhere, synthesis says which statement it needs.
 */
export function letAlarmsPublish(scope: Construct, topic: ITopic): void {
  const publish = statementFor(scope, 'EvertokenAlarms', ['sns:Publish'], topic.topicArn);
  if (!topic.addToResourcePolicy(publish).statementAdded) {
    warn(scope, 'topic-policy', `the policy of the topic ${topic.node.path} is kept elsewhere`, publish);
  }
  const { masterKey } = topic as { masterKey?: IKey };
  if (masterKey === undefined) return;
  // In the policy of a key, `*` is that key.
  const use = statementFor(scope, 'EvertokenAlarms', ['kms:Decrypt', 'kms:GenerateDataKey*'], '*');
  if (!masterKey.addToResourcePolicy(use).statementAdded) {
    warn(
      scope,
      'topic-key-policy',
      `the policy of the key of the topic ${topic.node.path} is kept elsewhere`,
      use,
    );
  }
}

function statementFor(scope: Construct, sid: string, actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    sid,
    principals: TELLERS.map((service) => new ServicePrincipal(service)),
    actions,
    resources: [resource],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}

function warn(scope: Construct, id: string, what: string, statement: PolicyStatement): void {
  const needed = JSON.stringify(Stack.of(scope).resolve(statement.toStatementJson()));
  Annotations.of(scope).addWarningV2(
    `evertoken:${id}`,
    `${what}: alarms, and connections that need a person, are not heard unless it has this statement: ${needed}`,
  );
}
