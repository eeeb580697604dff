import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deploymentMetric, soonestExpiryMetric } from './deployment-metrics.ts';

export interface AlarmsProps {
  readonly namespace: string;
  readonly refreshDue: LambdaFunction;
  readonly refreshNow: LambdaFunction;
  readonly reconcile: LambdaFunction;
  readonly deadLetterQueue: IQueue;
  /** @default - the alarms are seen in the console alone */
  readonly action?: IAlarmAction | undefined;
}

/** What calls for a person. Each alarm says what to do; none goes off for what heals itself. */
export class Alarms extends Construct {
  /** Grows where something is watched that is not always there. */
  readonly all: Alarm[];
  readonly #namespace: string;
  readonly #action: IAlarmAction | undefined;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { namespace } = props;
    this.#namespace = namespace;
    this.#action = props.action;
    const alarm = (alarmId: string, alarmProps: Omit<AlarmProps, 'alarmName'>) =>
      this.#create(alarmId, alarmProps);
    const failing = (alarmId: string, failed: LambdaFunction, period: Duration) =>
      alarm(alarmId, {
        alarmDescription: `${failed.node.scope?.node.id} keeps failing: its log group says why.`,
        metric: failed.metricErrors({ period, statistic: 'Sum' }),
        threshold: 3,
        ...REACHED,
        ...QUIET,
      });
    this.all = [
      // Each tick says how many connections are due, so silence means that no tick came to its end. One may
      // last five minutes; the least margin is ten.
      alarm('NoTicks', {
        alarmDescription:
          'No tick has come to its end for 10 minutes, so tokens are about to expire. See the log of refresh-due, its throttles and the schedule.',
        metric: deploymentMetric(namespace, 'ConnectionsDue', { statistic: 'SampleCount' }),
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        threshold: 1,
        evaluationPeriods: 2,
        treatMissingData: TreatMissingData.BREACHING,
      }),
      alarm('ConnectionsNeedAttention', {
        alarmDescription:
          'A connection waits for a person: its credentials are missing or refused, or somebody must sign in again. "evertoken status" says which.',
        metric: deploymentMetric(namespace, 'ConnectionsNeedingAttention', { period: Duration.hours(1) }),
        threshold: 1,
        evaluationPeriods: 1,
        // Measured once an hour, somewhere within it: an hour may pass between two measurements.
        treatMissingData: TreatMissingData.IGNORE,
        ...REACHED,
      }),
      alarm('TokenExpired', {
        alarmDescription:
          'A published token has expired, and readers are being refused. "evertoken status" says which and why.',
        metric: soonestExpiryMetric(namespace),
        comparisonOperator: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
        threshold: 0,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.IGNORE,
      }),
      alarm('RefreshTokenRescued', {
        alarmDescription:
          'Secrets Manager would not take a new refresh token, which is now in Parameter Store and will be moved by itself. See the log of refresh-due for what was refused.',
        metric: deploymentMetric(namespace, 'RescuesWritten'),
        threshold: 1,
        ...REACHED,
        ...QUIET,
      }),
      alarm('UndeliveredEvents', {
        alarmDescription:
          'A request or a scheduled run was given up and lies in the dead-letter queue, with the reason in its attributes.',
        metric: props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
          period: Duration.minutes(5),
          statistic: 'Maximum',
        }),
        threshold: 1,
        ...REACHED,
        ...QUIET,
      }),
      failing('RefreshDueFails', props.refreshDue, Duration.minutes(5)),
      failing('RefreshNowFails', props.refreshNow, Duration.minutes(15)),
      // One run and the two tries that Lambda makes after it.
      failing('ReconcileFails', props.reconcile, Duration.hours(1)),
    ];
  }

  /** A message that is due is taken at once; in five minutes there is a moment when none waits. */
  watchWakeUps(queue: IQueue): void {
    const waiting = this.#create('WakeUpsWait', {
      alarmDescription:
        'Wake-ups are due and nobody takes them, so tokens of minutes are refreshed by the tick alone, and readers that cache may find an expired one. See the throttles of refresh-now, and whether its event source mapping is enabled.',
      metric: queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: 'Minimum',
      }),
      threshold: 1,
      ...REACHED,
      ...QUIET,
    });
    this.all.push(waiting);
  }

  #create(alarmId: string, props: Omit<AlarmProps, 'alarmName'>): Alarm {
    const created = new Alarm(this, alarmId, { ...props, alarmName: `${this.#namespace}-${kebab(alarmId)}` });
    if (this.#action) {
      created.addAlarmAction(this.#action);
      created.addOkAction(this.#action);
    }
    return created;
  }
}

const REACHED = { comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD };
const QUIET = { treatMissingData: TreatMissingData.NOT_BREACHING, evaluationPeriods: 1 };

const kebab = (id: string) => id.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
