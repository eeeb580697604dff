/**
 * A service on ECS with AWS's Secrets Manager Agent beside it in the task. It needs a deployment with a
 * connection called "crm", a cluster, and a secret with what the agent wants to see in each request:
 *
 *     aws secretsmanager create-secret --name agent-token --secret-string "$(openssl rand -hex 32)"
 *     npx cdk deploy --app 'node examples/cdk/ecs-with-agent.ts'
 */
import { App, Stack } from 'aws-cdk-lib';
import { Vpc, type VpcAttributes } from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ContainerDependencyCondition,
  ContainerImage,
  Secret as EcsSecret,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
} from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { Connection } from '../../infra/index.ts'; // in your app: 'evertoken'

export interface EcsStackProps {
  readonly clusterName: string;
  readonly network: VpcAttributes;
}

export class EcsStack extends Stack {
  constructor(scope: Construct, id: string, { clusterName, network }: EcsStackProps) {
    super(scope, id);
    const crm = Connection.fromConnectionName(this, 'Crm', 'crm');
    const task = new FargateTaskDefinition(this, 'Task');

    // The containers of a task share its role: the agent reads the secret with it, for the service.
    crm.grantRead(task.taskRole);

    // Do NOT hand the token to a container like this:
    //
    //     secrets: { ACCESS_TOKEN: EcsSecret.fromSecretsManager(crm.tokenSecret, 'access_token') }
    //
    // ECS reads it once, when the task starts, and within the hour it is stale. The agent is asked whenever a
    // token is needed and reads the secret again every five minutes, for which connections are made by default.

    // The agent's own token never changes, so ECS may hand that one over at the start.
    const agentToken = Secret.fromSecretNameV2(this, 'AgentToken', 'agent-token');
    const secrets = { AWS_TOKEN: EcsSecret.fromSecretsManager(agentToken) };

    const agent = task.addContainer('agent', {
      // There is no public image: build one from github.com/aws/aws-secretsmanager-agent.
      image: ContainerImage.fromRegistry('example.com/secretsmanager-agent:2'),
      secrets,
      logging: LogDrivers.awsLogs({ streamPrefix: 'agent' }),
    });
    const service = task.addContainer('service', {
      image: ContainerImage.fromRegistry('example.com/service:1'),
      // GET it with the header X-Aws-Parameters-Secrets-Token: $AWS_TOKEN whenever a token is needed.
      environment: {
        CRM_TOKEN_URL: `http://localhost:2773/secretsmanager/get?secretId=${crm.tokenSecret.secretName}`,
      },
      secrets,
      logging: LogDrivers.awsLogs({ streamPrefix: 'service' }),
    });
    service.addContainerDependencies({ container: agent, condition: ContainerDependencyCondition.START });

    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', network);
    new FargateService(this, 'Service', {
      cluster: Cluster.fromClusterAttributes(this, 'Cluster', { clusterName, vpc }),
      taskDefinition: task,
      circuitBreaker: { rollback: true },
      minHealthyPercent: 100,
    });
  }
}

/** Adds the stack to an app. */
export function addService(app: App): EcsStack {
  return new EcsStack(app, 'ecs-consumer', {
    clusterName: 'services',
    network: {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0fedcba9876543210'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0fedcba9876543210'],
    },
  });
}

if (import.meta.main) addService(new App());
