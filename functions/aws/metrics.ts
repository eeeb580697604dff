import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Count, Gauge, Metrics } from '../refresh/ports/outside.ts';

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
  const counts = new Map<Count, number>();
  return {
    count(name, value = 1) {
      counts.set(name, (counts.get(name) ?? 0) + value);
    },
    gauge(name, value) {
      metrics.addMetric(name, unitOf(name), value);
    },
    flush() {
      for (const [name, value] of counts) metrics.addMetric(name, MetricUnit.Count, value);
      counts.clear();
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}

function unitOf(name: Gauge) {
  if (name.endsWith('Milliseconds')) return MetricUnit.Milliseconds;
  return name.endsWith('Seconds') ? MetricUnit.Seconds : MetricUnit.Count;
}
