import { Annotations, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/**
 * Lets CloudWatch alarms of this account publish to a topic. Once a topic has a policy, that which lets in its own account
 * is gone, and alarms would be lost without a word. EventBridge is let in by CDK, as it makes the topic the target of a
 * rule. Where the policy of the topic, or of the key that encrypts it, is kept elsewhere, synthesis says which statements
 * it needs, for both.
 */
export function letAlarmsPublish(scope: Construct, topic: ITopic): void {
  const publish = { actions: ['sns:Publish'], resources: [topic.topicArn] };
  if (!topic.addToResourcePolicy(fromAlarms(scope, publish)).statementAdded) {
    const what = `the policy of the topic ${topic.node.path} is kept elsewhere`;
    warn(scope, 'topic-policy', what, [fromAlarms(scope, publish), fromEvents(publish)]);
  }
  const { masterKey } = topic as { masterKey?: IKey };
  if (masterKey === undefined) return;
  // In the policy of a key, `*` is that key.
  const use = { actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] };
  if (!masterKey.addToResourcePolicy(fromAlarms(scope, use)).statementAdded) {
    const what = `the policy of the key of the topic ${topic.node.path} is kept elsewhere`;
    warn(scope, 'topic-key-policy', what, [fromAlarms(scope, use), fromEvents(use)]);
  }
}

interface Allowed {
  readonly actions: string[];
  readonly resources: string[];
}

function fromAlarms(scope: Construct, allowed: Allowed): PolicyStatement {
  return new PolicyStatement({
    sid: 'EvertokenAlarms',
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    ...allowed,
  });
}

/**
 * EventBridge says nothing of where a message comes from: with a condition, in the policy of a topic or of its key, none
 * would arrive.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
function fromEvents(allowed: Allowed): PolicyStatement {
  return new PolicyStatement({
    sid: 'EvertokenEvents',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    ...allowed,
  });
}

function warn(scope: Construct, id: string, what: string, statements: readonly PolicyStatement[]): void {
  const stack = Stack.of(scope);
  const needed = statements.map((statement) => stack.resolve(statement.toStatementJson()));
  Annotations.of(scope).addWarningV2(
    `evertoken:${id}`,
    `${what}: alarms, and connections that need a person, are not heard unless it has these statements: ${JSON.stringify(needed)}`,
  );
}
