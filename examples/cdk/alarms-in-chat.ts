/**
 * Alarms, and what a connection needs, in a channel of Slack, by Amazon Q Developer in chat applications (AWS
 * Chatbot). It needs a workspace that somebody has let in once, in the console of that service:
 *
 *     npx cdk deploy --all --app 'node examples/cdk/alarms-in-chat.ts'
 */
import { App, Stack } from 'aws-cdk-lib';
import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { TokenRefresher, type TokenStorage } from '../../infra/index.ts'; // in your app: 'evertoken'
import { TokensStack } from './consumer-function.ts';

export interface ChatStackProps {
  readonly storage: TokenStorage;
  readonly slackWorkspaceId: string;
  readonly slackChannelId: string;
}

export class ChatStack extends Stack {
  constructor(scope: Construct, id: string, { storage, ...channel }: ChatStackProps) {
    super(scope, id);
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    // Alarms are shown as they are. The plain words that a mail says of a connection are not: a channel takes no text.
    new TokenRefresher(this, 'Refresher', { storage, alarmTopic: topic });

    const needs = new Topic(this, 'Needs', { enforceSSL: true });
    const said = (field: string) => EventField.fromPath(`$.detail.${field}`);
    new Rule(this, 'NeedsAttention', {
      eventPattern: {
        source: ['evertoken'],
        detailType: ['Connection Needs Attention', 'Connection Recovered', 'Refresh Token Expiring'],
        detail: { namespace: [storage.namespace] },
      },
      targets: [
        new SnsTopic(needs, {
          message: RuleTargetInput.fromObject({
            version: '1.0',
            source: 'custom',
            content: {
              textType: 'client-markdown',
              title: `${EventField.fromPath('$.detail-type')}: ${said('connection')}`,
              description: `${said('health')} (${said('code')}); its token expires at ${said('expiresAt')}.`,
              nextSteps: [`\`evertoken status ${said('connection')}\` says what to do.`],
            },
          }),
        }),
      ],
    });

    new SlackChannelConfiguration(this, 'Channel', {
      ...channel,
      slackChannelConfigurationName: `evertoken-${storage.namespace}`,
      notificationTopics: [topic, needs],
      // Whoever is in the channel may look at what CloudWatch shows, and at nothing else.
      guardrailPolicies: [ManagedPolicy.fromAwsManagedPolicyName('CloudWatchReadOnlyAccess')],
    });
  }
}

/** Adds the stacks to an app. */
export function addChat(app: App): ChatStack {
  const { storage } = new TokensStack(app, 'tokens');
  return new ChatStack(app, 'chat', {
    storage,
    slackWorkspaceId: 'T0123456789',
    slackChannelId: 'C0123456789',
  });
}

if (import.meta.main) addChat(new App());
