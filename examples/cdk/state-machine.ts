/**
 * A state machine of Step Functions that calls a provider every night. It needs a deployment with a connection called
 * "crm":
 *
 *     npx cdk deploy --app 'node examples/cdk/state-machine.ts'
 *
 * A function reads the token, and gives back what the provider said. Do NOT read it by a task of its own,
 * `aws-sdk:secretsmanager:getSecretValue`: whatever a state takes and gives is kept in the history of the execution, in
 * clear, for whoever may look at that. An HTTP task takes no token from elsewhere: its EventBridge connection holds
 * credentials of its own, beside those that are kept fresh here.
 *
 * To run with each new token instead, see redeploy-on-refresh.ts: the event tells of it, and has no token in it.
 */
import { fileURLToPath } from 'node:url';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { Connection } from '../../infra/index.ts'; // in your app: 'evertoken'

export interface SyncStackProps {
  readonly apiUrl: string;
}

export class SyncStack extends Stack {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { apiUrl }: SyncStackProps) {
    super(scope, id);
    const callCrm = new NodejsFunction(this, 'CallCrm', {
      runtime: Runtime.NODEJS_24_X,
      entry: fileURLToPath(new URL('call-crm.ts', import.meta.url)),
      timeout: Duration.seconds(30),
      environment: { CRM_URL: apiUrl },
      // With the SDK that is installed, not with that of the runtime, which changes by itself.
      bundling: { externalModules: [] },
    });
    Connection.fromConnectionName(this, 'Crm', 'crm').grantRead(callCrm);

    const contacts = new LambdaInvoke(this, 'Contacts', { lambdaFunction: callCrm, outputPath: '$.Payload' });
    // Without a token there is no hurry: what keeps it from being refreshed may need a person.
    contacts.addRetry({
      errors: ['TokenReaderError'],
      interval: Duration.minutes(1),
      backoffRate: 2,
      maxAttempts: 8,
      maxDelay: Duration.hours(1),
    });
    this.stateMachine = new StateMachine(this, 'Sync', {
      definitionBody: DefinitionBody.fromChainable(contacts),
      timeout: Duration.hours(12),
    });
    new Rule(this, 'Nightly', {
      schedule: Schedule.cron({ hour: '3', minute: '0' }),
      targets: [new SfnStateMachine(this.stateMachine)],
    });
  }
}

/** Adds the stack to an app. */
export function addSync(app: App): SyncStack {
  return new SyncStack(app, 'nightly-sync', { apiUrl: 'https://api.kajabi.com/v1/contacts' });
}

if (import.meta.main) addSync(new App());
