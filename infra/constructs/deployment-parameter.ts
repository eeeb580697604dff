import { createHash } from 'node:crypto';
import { Lazy, Stack } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { parameterName } from '../../functions/aws/resource-names.ts';
import type { DeploymentSettings } from '../../functions/connections/deployment-settings.ts';
import type { FunctionSettings } from './function-environment.ts';
import type { StatusWidgetKind } from './status-widget.ts';
import type { TokenStorage } from './token-storage.ts';

/** Of a `TokenRefresher`, as it was given them. */
type LogRetentionDays = NonNullable<DeploymentSettings['logRetentionDays']>;

interface Deployed extends FunctionSettings {
  readonly alarmEmail?: string;
  readonly alarmTopic?: ITopic;
  readonly statusWidget?: StatusWidgetKind;
  readonly logRetention?: RetentionDays;
}

/**
 * A parameter that a deployment writes last, and only where it is another than the one before. Its change is the event
 * that makes `reconcile` run: on the first deployment the declarations are written before the rule that listens for them
 * exists. It says what was deployed, for `evertoken doctor` to compare with what would be deployed next.
 */
export function createDeploymentParameter(
  scope: Construct,
  storage: TokenStorage,
  props: Deployed,
): StringParameter {
  const settings = settingsOf(storage, props);
  return new StringParameter(scope, 'Deployment', {
    parameterName: parameterName.deployment(storage.namespace),
    description: 'What the last deployment declared; its change makes Evertoken reconcile',
    // Origins may be many.
    tier: ParameterTier.INTELLIGENT_TIERING,
    stringValue: Lazy.string({ produce: () => JSON.stringify({ schema: 1, ...digest(storage), settings }) }),
  });
}

function digest(storage: TokenStorage) {
  const sorted = storage.connections
    .map(({ connectionName, definition }) => [connectionName, definition] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  // What stands in for an ARN until the deployment is numbered anew by each synthesis; what it becomes is not.
  const resolved: unknown = Stack.of(storage).resolve(sorted);
  const hash = createHash('sha256').update(JSON.stringify(resolved)).digest('hex');
  return { connections: sorted.length, digest: hash.slice(0, 32) };
}

/** In the words of `deployment.json`. What is not said is as usual. */
function settingsOf(storage: TokenStorage, props: Deployed): DeploymentSettings {
  const { alarmTopic, alarmEmail, allowedTokenOrigins = [], logRetention } = props;
  const { secretWritesPerSecond, parameterWritesPerSecond, statusWidget, tokenRefreshedEvents } = props;
  return {
    encryption: storage.rescueKey ? 'customer-managed' : 'aws-managed',
    ...(storage.key && storage.key !== storage.ownKey && { keyArn: storage.key.keyArn }),
    ...(alarmTopic ? { alarmTopicArn: alarmTopic.topicArn } : alarmEmail !== undefined && { alarmEmail }),
    ...(allowedTokenOrigins.length > 0 && { allowedTokenOrigins: [...allowedTokenOrigins] }),
    ...(secretWritesPerSecond !== undefined && { secretWritesPerSecond }),
    ...(parameterWritesPerSecond !== undefined && { parameterWritesPerSecond }),
    ...(statusWidget !== undefined && { statusWidget }),
    ...(tokenRefreshedEvents !== undefined && { tokenRefreshedEvents }),
    // Its members are numbers of days.
    ...(logRetention !== undefined && { logRetentionDays: Number(logRetention) as LogRetentionDays }),
  };
}
