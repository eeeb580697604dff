/**
 * A service on ECS that reads its token from the environment when it starts, and cannot be changed to read it again: it is
 * started anew each time the token was refreshed, without a gap. It needs a deployment with a connection called "crm",
 * and the service. One that can ask for the token is better off with the agent: see ecs-with-agent.ts.
 *
 *     npx cdk deploy --app 'node examples/cdk/redeploy-on-refresh.ts'
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { DefinitionBody, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';

export interface RedeployStackProps {
  readonly namespace: string;
  readonly connection: string;
  readonly clusterName: string;
  readonly serviceName: string;
}

export class RedeployStack extends Stack {
  constructor(scope: Construct, id: string, props: RedeployStackProps) {
    super(scope, id);
    const { namespace, connection, clusterName, serviceName } = props;
    // New tasks start with the new token before the old ones stop: the margin of the connection must be longer than
    // that takes, so that no task is left with a token that has expired (marginSeconds).
    const redeploy = new CallAwsService(this, 'Redeploy', {
      service: 'ecs',
      action: 'updateService',
      parameters: { Cluster: clusterName, Service: serviceName, ForceNewDeployment: true },
      iamResources: [
        this.formatArn({
          service: 'ecs',
          resource: 'service',
          resourceName: `${clusterName}/${serviceName}`,
        }),
      ],
    });
    const stateMachine = new StateMachine(this, 'Redeployment', {
      stateMachineType: StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromChainable(redeploy.addRetry({ maxAttempts: 3 })),
      timeout: Duration.minutes(1),
    });
    // The deployment tells it unless `tokenRefreshedEvents` is switched off.
    new Rule(this, 'TokenRefreshed', {
      eventPattern: {
        source: ['evertoken'],
        detailType: ['Token Refreshed'],
        detail: { namespace: [namespace], connection: [connection] },
      },
      targets: [new SfnStateMachine(stateMachine, { retryAttempts: 3 })],
    });
  }
}

/** Adds the stack to an app. */
export function addRedeployment(app: App): RedeployStack {
  return new RedeployStack(app, 'redeploy-on-refresh', {
    namespace: 'evertoken',
    connection: 'crm',
    clusterName: 'services',
    serviceName: 'legacy',
  });
}

if (import.meta.main) addRedeployment(new App());
