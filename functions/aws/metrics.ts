import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Metrics } from '../refresh/ports/outside.ts';

/** CloudWatch namespace of every metric. */
export const METRIC_NAMESPACE = 'Evertoken';

/** Metrics that must be written out before the handler returns. */
export interface BufferedMetrics extends Metrics {
  /** Writes what was counted, as CloudWatch's embedded metric format on standard output. */
  flush(): void;
}

/**
 * Metrics with one dimension, the namespace: CloudWatch charges for each combination, so connections are
 * told apart by events and the state table.
 */
export function createMetrics({ namespace }: { readonly namespace: string }): BufferedMetrics {
  const metrics = new PowertoolsMetrics({ namespace: METRIC_NAMESPACE });
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ namespace });
  return {
    count(name, value = 1) {
      metrics.addMetric(name, MetricUnit.Count, value);
    },
    gauge(name, value) {
      metrics.addMetric(name, name.endsWith('Seconds') ? MetricUnit.Seconds : MetricUnit.Count, value);
    },
    flush() {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
