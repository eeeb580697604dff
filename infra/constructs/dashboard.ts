import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { deploymentMetric, soonestExpiryMetric } from './deployment-metrics.ts';

export interface DashboardProps {
  readonly namespace: string;
  /** Looked at when the app is synthesised: some are added later. */
  readonly alarms: Alarm[];
  readonly functions: readonly LambdaFunction[];
}

/** One glance: what needs a person, what is about to expire, what was refreshed, and the last errors. */
export function createDashboard(scope: Construct, props: DashboardProps): Dashboard {
  const { namespace, functions } = props;
  const metric = (
    ...parameters: Parameters<typeof deploymentMetric> extends [string, ...infer Rest] ? Rest : never
  ) => deploymentMetric(namespace, ...parameters);
  const perMinute = { period: Duration.minutes(1) };
  return new Dashboard(scope, 'Dashboard', {
    // Dashboards belong to the account, whatever the Region.
    dashboardName: `${namespace}-${Stack.of(scope).region}`,
    defaultInterval: Duration.hours(12),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: props.alarms, width: 24, height: 4 })],
      [
        new SingleValueWidget({
          title: 'Now',
          width: 6,
          height: 6,
          metrics: [
            metric('ConnectionsNeedingAttention', { period: Duration.hours(1), label: 'need a person' }),
            soonestExpiryMetric(namespace, { label: 'seconds to the first expiry' }),
          ],
        }),
        new GraphWidget({
          title: 'Refreshes',
          width: 9,
          left: [metric('TokensRefreshed'), metric('RefreshesFailed'), metric('RefreshesLate')],
          right: [metric('RequestsRefused', { label: 'requests refused' })],
        }),
        new GraphWidget({
          title: 'Due at each tick',
          width: 9,
          left: [metric('ConnectionsDue', perMinute)],
        }),
      ],
      [
        new GraphWidget({
          title: 'Duration of functions (ms)',
          width: 12,
          left: functions.map((one) => one.metricDuration({ statistic: 'Maximum' })),
        }),
        new GraphWidget({
          title: 'Errors and throttles of functions',
          width: 12,
          left: functions.flatMap((one) => [one.metricErrors(), one.metricThrottles()]),
        }),
      ],
      [
        new LogQueryWidget({
          title: 'Warnings and errors',
          width: 24,
          view: LogQueryVisualizationType.TABLE,
          logGroupNames: functions.map((one) => one.logGroup.logGroupName),
          queryLines: [
            'fields @timestamp, level, message, connection, code',
            'filter level in ["WARN", "ERROR"]',
            'sort @timestamp desc',
            'limit 50',
          ],
        }),
      ],
    ],
  });
}
