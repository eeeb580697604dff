import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface SchedulesProps {
  readonly namespace: string;
  readonly refreshDue: IFunction;
  readonly reconcile: IFunction;
  /** Where an invocation goes that could not be delivered. */
  readonly deadLetterQueue: IQueue;
}

/**
 * The ticks and the hourly reconciling, in a group of their own to which the role is bound. A rate begins at
 * once: the first of each comes with the deployment.
 */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const { namespace, refreshDue, reconcile, deadLetterQueue } = props;
    const group = new CfnScheduleGroup(this, 'Group', { name: namespace });
    const role = new Role(this, 'Role', {
      description: `Invokes the functions of Evertoken, namespace ${namespace}`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': group.attrArn,
          },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'InvokeFunctions',
        actions: ['lambda:InvokeFunction'],
        resources: [refreshDue.functionArn, reconcile.functionArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'KeepWhatCannotBeDelivered',
        actions: ['sqs:SendMessage'],
        resources: [deadLetterQueue.queueArn],
      }),
    );
    const schedule = (
      name: string,
      target: IFunction,
      rate: string,
      retryPolicy: CfnSchedule.RetryPolicyProperty,
    ) => {
      const created = new CfnSchedule(this, name, {
        // A group of its own does not suffice: CloudFormation tells schedules of one stack apart by their names.
        name: `${namespace}-${name}`,
        groupName: group.ref,
        scheduleExpression: rate,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: target.functionArn,
          roleArn: role.roleArn,
          retryPolicy,
          deadLetterConfig: { arn: deadLetterQueue.queueArn },
        },
      });
      // Scheduler checks at creation that the role may do what it will have to.
      created.node.addDependency(role);
    };
    // A late tick is worth nothing: the next one is coming.
    schedule('refresh-due', refreshDue, 'rate(1 minute)', {
      maximumEventAgeInSeconds: 60,
      maximumRetryAttempts: 0,
    });
    schedule('reconcile', reconcile, 'rate(1 hour)', {
      maximumEventAgeInSeconds: 600,
      maximumRetryAttempts: 5,
    });
  }
}
