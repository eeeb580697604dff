import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';

/** CloudWatch namespace of every metric that the functions write. */
export const METRIC_NAMESPACE = 'Evertoken';

/** What the functions count, and what they measure. Their only dimension is the namespace. */
export const COUNTS = [
  'TicksEnded',
  'TokensRefreshed',
  'RefreshesFailed',
  'RefreshesRetried',
  'RefreshesAwaitingCredentials',
  'RefreshesMisconfigured',
  'RefreshesNeedingReauthorization',
  'RefreshesLate',
  'RescuesWritten',
  'RequestsRefused',
  'SecretWrites',
  'SecretThrottles',
  'ParameterWrites',
  'ParameterThrottles',
  'EventsDropped',
] as const;
export const GAUGES = [
  'ConnectionsDue',
  'OldestDueSeconds',
  'ConnectionsHealthy',
  'ConnectionsNew',
  'ConnectionsRetrying',
  'ConnectionsFailing',
  'ConnectionsAwaitingCredentials',
  'ConnectionsMisconfigured',
  'ConnectionsNeedingReauthorization',
  'ConnectionsPaused',
  'ConnectionsNeedingAttention',
  'TokensEndangered',
  'SoonestExpirySeconds',
  'RefreshTokensEnding',
  'RefreshLatenessSeconds',
  'ExchangeMilliseconds',
  'WritesLeft',
] as const;

/** What is written all month; all else only where there is something to tell, and CloudWatch charges by the hour. */
export const WRITTEN_ALWAYS = [
  'ConnectionsDue',
  'ConnectionsHealthy',
  'ConnectionsNeedingAttention',
  'ExchangeMilliseconds',
  'OldestDueSeconds',
  'RefreshLatenessSeconds',
  'RefreshTokensEnding',
  'SecretWrites',
  'SoonestExpirySeconds',
  'TicksEnded',
  'TokensEndangered',
  'TokensRefreshed',
  'WritesLeft',
] as const satisfies readonly MetricName[];

/** The name of a metric. Each has a method of `MeasuredDeployment` as well, such as `metricTokensRefreshed`. */
export type MetricName = (typeof COUNTS)[number] | (typeof GAUGES)[number];

/** A metric of one deployment: by default its sum, or for a gauge its greatest value, in five minutes. */
export function deploymentMetric(
  namespace: string,
  metricName: MetricName,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { namespace },
    period: Duration.minutes(5),
    statistic: (COUNTS as readonly string[]).includes(metricName) ? 'Sum' : 'Maximum',
    ...options,
  });
}

/**
 * Seconds until the first token of the deployment expires, measured by each tick. CloudWatch charges for each
 * combination of dimensions, so connections have no metrics of their own: the state table knows each.
 */
export function soonestExpiryMetric(namespace: string, options: MetricOptions = {}): Metric {
  return deploymentMetric(namespace, 'SoonestExpirySeconds', { statistic: 'Minimum', ...options });
}

/** A metric as each tick measures it. */
export function minuteMetric(namespace: string, metricName: MetricName, options: MetricOptions = {}): Metric {
  return deploymentMetric(namespace, metricName, { period: Duration.minutes(1), ...options });
}
