import { Annotations } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { DeploymentSettings } from '../../functions/connections/deployment-settings.ts';
import type { FunctionNetwork } from '../constructs/refresher-function.ts';
import type { TokenRefresherProps } from '../constructs/token-refresher.ts';

/**
 * The settings of a file as properties of a `TokenRefresher`. What exists elsewhere is named, and never looked up:
 * synthesis needs no account.
 */
export function refresherProps(
  scope: Construct,
  settings: DeploymentSettings,
): Omit<TokenRefresherProps, 'storage'> {
  const { alarmEmail, alarmTopicArn, network, logRetentionDays } = settings;
  const { allowedTokenOrigins, secretWritesPerSecond, parameterWritesPerSecond } = settings;
  const { statusWidget, tokenRefreshedEvents } = settings;
  // Where a topic's stack is unknown, so is whether a rule reaches it: the topic is of this account and Region.
  if (alarmTopicArn !== undefined)
    Annotations.of(scope).acknowledgeWarning('@aws-cdk/aws-events:ruleUnresolvedEnvironment');
  return {
    ...(typeof alarmEmail === 'string' && { alarmEmail }),
    ...(alarmTopicArn !== undefined && {
      alarmTopic: Topic.fromTopicArn(scope, 'ExistingTopic', alarmTopicArn),
    }),
    ...(allowedTokenOrigins !== undefined && { allowedTokenOrigins }),
    ...(secretWritesPerSecond !== undefined && { secretWritesPerSecond }),
    ...(parameterWritesPerSecond !== undefined && { parameterWritesPerSecond }),
    ...(statusWidget !== undefined && { statusWidget }),
    ...(tokenRefreshedEvents !== undefined && { tokenRefreshedEvents }),
    // Its members are numbers of days.
    ...(logRetentionDays !== undefined && { logRetention: logRetentionDays }),
    ...(network !== undefined && { network: existingNetwork(scope, network) }),
  };
}

function existingNetwork(
  scope: Construct,
  { vpcId, subnetIds, securityGroupIds }: NonNullable<DeploymentSettings['network']>,
): FunctionNetwork {
  // Functions are told of subnets alone: zones and routes are nobody's question here.
  Annotations.of(scope).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
  const availabilityZones = subnetIds.map((_, index) => `zone-${index}`);
  return {
    vpc: Vpc.fromVpcAttributes(scope, 'ExistingVpc', {
      vpcId,
      availabilityZones,
      privateSubnetIds: subnetIds,
    }),
    securityGroups: securityGroupIds.map((id, index) =>
      SecurityGroup.fromSecurityGroupId(scope, `ExistingGroup${index + 1}`, id, { mutable: false }),
    ),
  };
}
