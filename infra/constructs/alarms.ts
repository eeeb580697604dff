import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deploymentMetric, type MetricName, minuteMetric } from './deployment-metrics.ts';

export interface AlarmsProps {
  readonly namespace: string;
  readonly refreshDue: LambdaFunction;
  readonly refreshNow: LambdaFunction;
  readonly reconcile: LambdaFunction;
  readonly deadLetterQueue: IQueue;
  /** @default - the alarms are seen in the console alone */
  readonly action?: IAlarmAction | undefined;
}

/** What calls for a person. Each alarm says what it means and what to do; none goes off for what heals itself. */
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
    const gauge = (alarmId: string, metricName: MetricName, alarmDescription: string) =>
      alarm(alarmId, {
        alarmDescription,
        metric: minuteMetric(namespace, metricName),
        threshold: 1,
        evaluationPeriods: 1,
        // Where no tick measures, another alarm says so, and nothing is known to be well again.
        treatMissingData: TreatMissingData.IGNORE,
        ...REACHED,
      });
    const failing = (alarmId: string, failed: LambdaFunction, period: Duration) =>
      alarm(alarmId, {
        alarmDescription: `${failed.node.scope?.node.id} has failed three times: what it is for is not done. Its log group says why. ${seeRunbook('A function keeps failing')}`,
        metric: failed.metricErrors({ period, statistic: 'Sum' }),
        threshold: 3,
        ...REACHED,
        ...QUIET,
      });
    this.all = [
      alarm('NoTicks', {
        alarmDescription: `No tick has come to its end for 5 minutes: nothing is refreshed by itself, and tokens are about to expire. Look at the schedule, and at refresh-due, its throttles and its log; "evertoken refresh --all" refreshes meanwhile. ${seeRunbook('No tick comes')}`,
        // Where a datum is missing CloudWatch looks for older ones before it counts it as a breach, minutes late.
        metric: new MathExpression({
          expression: 'FILL(ticks, 0)',
          usingMetrics: { ticks: minuteMetric(namespace, 'TicksEnded') },
          period: Duration.minutes(1),
          label: 'ticks that came to their end',
        }),
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        threshold: 1,
        evaluationPeriods: 5,
        treatMissingData: TreatMissingData.BREACHING,
      }),
      gauge(
        'ConnectionsNeedAttention',
        'ConnectionsNeedingAttention',
        `A connection needs a person, and does not mend by itself: "evertoken status" says which, why, since when and what to do. ${seeRunbook('A connection needs a person')}`,
      ),
      gauge(
        'TokenExpires',
        'TokensEndangered',
        `A token expires within 5 minutes (one that lives for minutes within a tenth of that) or has expired, and nothing has replaced it: readers are refused, or about to be. "evertoken status" says which and why. ${seeRunbook('A token is about to expire')}`,
      ),
      gauge(
        'RefreshTokenEnds',
        'RefreshTokensEnding',
        `A refresh token ends in less than 14 days, and refreshing does not move that: somebody must sign in again before. "evertoken status" says which and when. ${seeRunbook('A refresh token is about to end')}`,
      ),
      alarm('RefreshTokenRescued', {
        alarmDescription: `Secrets Manager would not take a new refresh token, which is now in Parameter Store and will be moved by itself. Do not delete it; the log of refresh-due says what was refused. ${seeRunbook('A rescue exists')}`,
        metric: deploymentMetric(namespace, 'RescuesWritten'),
        threshold: 1,
        ...REACHED,
        ...QUIET,
      }),
      alarm('UndeliveredEvents', {
        alarmDescription: `A request or a scheduled run was given up and lies in the dead-letter queue, with the reason in its attributes: look at it, ask again, and take it out. ${seeRunbook('Something was given up')}`,
        metric: props.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
          period: Duration.minutes(1),
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
      alarmDescription: `Wake-ups are due and nobody takes them, so tokens of minutes are refreshed by the tick alone, and readers that cache may find an expired one. See the throttles of refresh-now, and whether its event source mapping is enabled. ${seeRunbook('Wake-ups wait')}`,
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

/** Whoever is mailed at night has the repository's runbook at hand, or the page that a search for this finds. */
const seeRunbook = (section: string) => `What to do: docs/runbook.md, "${section}".`;

const kebab = (id: string) => id.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
