import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { deploymentMetric, type MetricName, soonestExpiryMetric } from './deployment-metrics.ts';

/** What of a deployment is measured, in the CloudWatch namespace `Evertoken`: in five minutes, unless options say otherwise. */
export abstract class MeasuredDeployment extends Construct {
  /** The namespace of the deployment. */
  abstract readonly namespace: string;

  /** Any metric by its name: of a count its sum, of a gauge its greatest value. */
  metric(metricName: MetricName, options?: MetricOptions): Metric {
    return deploymentMetric(this.namespace, metricName, options);
  }

  /** Seconds until the first token in the namespace expires; the minimum. */
  metricSoonestExpiry(options?: MetricOptions): Metric {
    return soonestExpiryMetric(this.namespace, options);
  }

  /** Connections that need a person; the maximum. */
  metricConnectionsNeedingAttention(options?: MetricOptions): Metric {
    return this.metric('ConnectionsNeedingAttention', options);
  }

  /** Tokens that have expired or are about to, with nothing to replace them; the maximum. */
  metricTokensEndangered(options?: MetricOptions): Metric {
    return this.metric('TokensEndangered', options);
  }

  /** Refresh tokens that end in less than 14 days; the maximum. */
  metricRefreshTokensEnding(options?: MetricOptions): Metric {
    return this.metric('RefreshTokensEnding', options);
  }

  /** Connections that are healthy; the maximum. */
  metricConnectionsHealthy(options?: MetricOptions): Metric {
    return this.metric('ConnectionsHealthy', options);
  }

  /** Connections that were not tried yet; the maximum. */
  metricConnectionsNew(options?: MetricOptions): Metric {
    return this.metric('ConnectionsNew', options);
  }

  /** Connections whose last try failed and is repeated; the maximum. */
  metricConnectionsRetrying(options?: MetricOptions): Metric {
    return this.metric('ConnectionsRetrying', options);
  }

  /** Connections without a token for ten minutes; the maximum. */
  metricConnectionsFailing(options?: MetricOptions): Metric {
    return this.metric('ConnectionsFailing', options);
  }

  /** Connections whose credentials have no value yet; the maximum. */
  metricConnectionsAwaitingCredentials(options?: MetricOptions): Metric {
    return this.metric('ConnectionsAwaitingCredentials', options);
  }

  /** Connections that are refused as they are configured; the maximum. */
  metricConnectionsMisconfigured(options?: MetricOptions): Metric {
    return this.metric('ConnectionsMisconfigured', options);
  }

  /** Connections that somebody must sign in for; the maximum. */
  metricConnectionsNeedingReauthorization(options?: MetricOptions): Metric {
    return this.metric('ConnectionsNeedingReauthorization', options);
  }

  /** Connections that somebody paused; the maximum. */
  metricConnectionsPaused(options?: MetricOptions): Metric {
    return this.metric('ConnectionsPaused', options);
  }

  /** Connections whose refresh is due when a tick begins; the maximum. */
  metricConnectionsDue(options?: MetricOptions): Metric {
    return this.metric('ConnectionsDue', options);
  }

  /** Seconds for which the oldest of them has been due; the maximum. */
  metricOldestDueSeconds(options?: MetricOptions): Metric {
    return this.metric('OldestDueSeconds', options);
  }

  /** Seconds that refreshes began after they were due; the maximum, or a percentile by `statistic`. */
  metricRefreshLatenessSeconds(options?: MetricOptions): Metric {
    return this.metric('RefreshLatenessSeconds', options);
  }

  /** Milliseconds that exchanges at providers took; the maximum, or a percentile by `statistic`. */
  metricExchangeMilliseconds(options?: MetricOptions): Metric {
    return this.metric('ExchangeMilliseconds', options);
  }

  /** Ticks that came to their end, one a minute; the sum. */
  metricTicksEnded(options?: MetricOptions): Metric {
    return this.metric('TicksEnded', options);
  }

  /** Tokens that were refreshed; the sum. */
  metricTokensRefreshed(options?: MetricOptions): Metric {
    return this.metric('TokensRefreshed', options);
  }

  /** Refreshes that failed, whatever the reason; the sum. */
  metricRefreshesFailed(options?: MetricOptions): Metric {
    return this.metric('RefreshesFailed', options);
  }

  /** Refreshes that failed and are tried again by themselves; the sum. */
  metricRefreshesRetried(options?: MetricOptions): Metric {
    return this.metric('RefreshesRetried', options);
  }

  /** Refreshes that found no credentials; the sum. */
  metricRefreshesAwaitingCredentials(options?: MetricOptions): Metric {
    return this.metric('RefreshesAwaitingCredentials', options);
  }

  /** Refreshes that were refused as they are configured; the sum. */
  metricRefreshesMisconfigured(options?: MetricOptions): Metric {
    return this.metric('RefreshesMisconfigured', options);
  }

  /** Refreshes that found no refresh token which is accepted; the sum. */
  metricRefreshesNeedingReauthorization(options?: MetricOptions): Metric {
    return this.metric('RefreshesNeedingReauthorization', options);
  }

  /** Refreshes that ended when readers had no token any more; the sum. */
  metricRefreshesLate(options?: MetricOptions): Metric {
    return this.metric('RefreshesLate', options);
  }

  /** Refresh tokens that Secrets Manager would not take and Parameter Store keeps meanwhile; the sum. */
  metricRescuesWritten(options?: MetricOptions): Metric {
    return this.metric('RescuesWritten', options);
  }

  /** Requests by event that were refused; the sum. */
  metricRequestsRefused(options?: MetricOptions): Metric {
    return this.metric('RequestsRefused', options);
  }

  /** Writes of secrets; the sum. */
  metricSecretWrites(options?: MetricOptions): Metric {
    return this.metric('SecretWrites', options);
  }

  /** Writes of secrets that AWS throttled; the sum. */
  metricSecretThrottles(options?: MetricOptions): Metric {
    return this.metric('SecretThrottles', options);
  }

  /** Writes of tokens in parameters; the sum. */
  metricParameterWrites(options?: MetricOptions): Metric {
    return this.metric('ParameterWrites', options);
  }

  /** Writes of tokens in parameters that AWS throttled; the sum. */
  metricParameterThrottles(options?: MetricOptions): Metric {
    return this.metric('ParameterThrottles', options);
  }

  /** Events that were given up; the sum. */
  metricEventsDropped(options?: MetricOptions): Metric {
    return this.metric('EventsDropped', options);
  }

  /** The fewest writes of its 90 a day that a secret has left; the minimum. */
  metricWritesLeft(options?: MetricOptions): Metric {
    return this.metric('WritesLeft', { statistic: 'Minimum', ...options });
  }
}
