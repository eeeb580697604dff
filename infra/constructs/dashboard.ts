import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  type MetricOptions,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  deploymentMetric,
  type MetricName,
  minuteMetric,
  soonestExpiryMetric,
} from './deployment-metrics.ts';

export interface DashboardProps {
  readonly namespace: string;
  /** Looked at when the app is synthesised: some are added later. */
  readonly alarms: Alarm[];
  readonly functions: readonly LambdaFunction[];
  /** How connections stand. */
  readonly statusWidget?: IWidget | undefined;
}

const MINUTE = Duration.minutes(1);
const HEALTHS = [
  'ConnectionsHealthy',
  'ConnectionsNew',
  'ConnectionsRetrying',
  'ConnectionsFailing',
  'ConnectionsAwaitingCredentials',
  'ConnectionsMisconfigured',
  'ConnectionsNeedingReauthorization',
  'ConnectionsPaused',
] as const;
const OUTCOMES = [
  'TokensRefreshed',
  'RefreshesRetried',
  'RefreshesAwaitingCredentials',
  'RefreshesMisconfigured',
  'RefreshesNeedingReauthorization',
] as const;

/** One glance: what needs a person, what is about to expire, what was refreshed, and the last errors. */
export function createDashboard(scope: Construct, props: DashboardProps): Dashboard {
  const { namespace, functions } = props;
  const metric = (
    ...parameters: Parameters<typeof deploymentMetric> extends [string, ...infer Rest] ? Rest : never
  ) => deploymentMetric(namespace, ...parameters);
  const perMinute = (name: MetricName, options: MetricOptions = {}) => minuteMetric(namespace, name, options);
  const percentiles = (title: string, name: MetricName) =>
    new GraphWidget({
      title,
      width: 8,
      left: ['p50', 'p99'].map((statistic) => metric(name, { statistic, label: statistic })),
    });
  return new Dashboard(scope, 'Dashboard', {
    // Dashboards belong to the account, whatever the Region.
    dashboardName: `${namespace}-${Stack.of(scope).region}`,
    defaultInterval: Duration.hours(12),
    widgets: [
      ...(props.alarms.length > 0
        ? [[new AlarmStatusWidget({ title: 'Alarms', alarms: props.alarms, width: 24, height: 4 })]]
        : []),
      ...(props.statusWidget ? [[props.statusWidget]] : []),
      [
        new SingleValueWidget({
          title: 'Now',
          width: 6,
          height: 6,
          metrics: [
            perMinute('ConnectionsNeedingAttention', { label: 'need a person' }),
            perMinute('TokensEndangered', { label: 'tokens in danger' }),
            soonestExpiryMetric(namespace, { period: MINUTE, label: 'seconds to the first expiry' }),
            perMinute('ConnectionsHealthy', { label: 'healthy' }),
          ],
        }),
        new GraphWidget({
          title: 'Connections by health',
          width: 9,
          stacked: true,
          left: HEALTHS.map((name) => orZero(name, perMinute(name), name.slice('Connections'.length))),
        }),
        new GraphWidget({
          title: 'Due at each tick',
          width: 9,
          left: [perMinute('ConnectionsDue')],
          right: [perMinute('OldestDueSeconds', { label: 'the longest for (s)' })],
        }),
      ],
      [
        new GraphWidget({
          title: 'Refreshes by outcome',
          width: 8,
          left: OUTCOMES.map((name) => metric(name)),
          right: [metric('RefreshesLate'), metric('RequestsRefused', { label: 'requests refused' })],
        }),
        percentiles('Exchange at the providers (ms)', 'ExchangeMilliseconds'),
        percentiles('Begun after it was due (s)', 'RefreshLatenessSeconds'),
      ],
      [
        new GraphWidget({
          title: 'Writes',
          width: 8,
          left: [metric('SecretWrites'), metric('ParameterWrites')],
          right: [metric('SecretThrottles'), metric('ParameterThrottles')],
        }),
        new GraphWidget({
          title: 'Writes left of a secret’s 90 a day, the fewest',
          width: 8,
          left: [metric('WritesLeft', { statistic: 'Minimum', label: 'left' })],
        }),
        new GraphWidget({
          title: 'What should not be',
          width: 8,
          left: [
            metric('RescuesWritten'),
            metric('RefreshTokensEnding', { label: 'refresh tokens ending' }),
            metric('EventsDropped', { label: 'events given up' }),
          ],
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

/** Of what is sent only where it occurs. */
function orZero(name: MetricName, metric: IMetric, label: string): MathExpression {
  const id = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return new MathExpression({
    expression: `FILL(${id}, 0)`,
    usingMetrics: { [id]: metric },
    period: MINUTE,
    label,
  });
}
