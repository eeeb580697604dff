import { Stack } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** A topic that mails to one address. The address confirms by a link in a mail. */
export function createAlarmTopic(scope: Construct, namespace: string, email: string): Topic {
  const topic = new Topic(scope, 'AlarmTopic', {
    displayName: `Evertoken ${namespace}`,
    enforceSSL: true,
  });
  topic.addSubscription(new EmailSubscription(email));
  acknowledge(
    topic,
    'AwsSolutions-SNS2',
    "It carries names of connections and nothing secret, and CloudWatch cannot publish under AWS's own key.",
  );
  return topic;
}

export interface AttentionRuleProps {
  readonly namespace: string;
  readonly topic: ITopic;
  readonly deadLetterQueue: IQueue;
}

/** Says at once which connection needs a person; the alarm says so within two minutes, and until it is mended. */
export function createAttentionRule(scope: Construct, props: AttentionRuleProps): Rule {
  const { namespace, topic, deadLetterQueue } = props;
  const detail = (field: string) => EventField.fromPath(`$.detail.${field}`);
  const message = `Evertoken (${namespace}): ${EventField.fromPath('$.detail-type')}: connection ${detail('connection')} is ${detail('health')} (${detail('code')}). Its token expires at ${detail('expiresAt')}. What was seen and what to do: evertoken status ${detail('connection')}`;
  return new Rule(scope, 'NeedsAttention', {
    description: `Tells people which connection of ${namespace} needs them`,
    eventPattern: {
      // A deployment of this namespace in another account has people of its own.
      account: [Stack.of(scope).account],
      source: ['evertoken'],
      detailType: ['Connection Needs Attention', 'Refresh Token Expiring'],
      detail: { namespace: [namespace] },
    },
    targets: [new SnsTopic(topic, { message: RuleTargetInput.fromText(message), deadLetterQueue })],
  });
}
