import { describe, expect, it } from 'vitest';
import { type AlarmDefinition, EvaluatedAlarm, WrittenMetrics } from './alarm-evaluation.ts';

const MINUTE = 60_000;
const METRIC = { Namespace: 'App', MetricName: 'Failures', Dimensions: [] };
const SUM: AlarmDefinition = {
  ...METRIC,
  AlarmName: 'failures',
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Threshold: 3,
  EvaluationPeriods: 1,
  TreatMissingData: 'notBreaching',
  Period: 300,
  Statistic: 'Sum',
};
const GAUGE: AlarmDefinition = { ...SUM, Threshold: 1, Period: 60, Statistic: 'Maximum' };

/** The states of an alarm, minute by minute, for what was written in each minute. */
function states(definition: AlarmDefinition, values: readonly (number | undefined)[], further = 2): string {
  const metrics = new WrittenMetrics();
  const alarm = new EvaluatedAlarm(definition, metrics, ({ MetricName }) => MetricName, further);
  return values
    .map((value, minute) => {
      if (value !== undefined) metrics.add('Failures', minute * MINUTE + 1, value);
      alarm.evaluate((minute + 1) * MINUTE);
      return alarm.state === 'ALARM' ? '!' : '.';
    })
    .join('');
}

const nothing = (minutes: number) => Array(minutes).fill(undefined);

describe('an alarm as CloudWatch evaluates it', () => {
  it('looks each minute at windows that end then', () => {
    expect(states(SUM, [1, 1, 0, 1, 0, 0, 0, 0, 0], 0)).toBe('...!!....');
    expect(states(SUM, [2, 0, 0, 0, 0, 2, 0], 0)).toBe('.......');
  });

  it('goes by the newest there are where data are missing, and then by what missing data mean', () => {
    expect(states(GAUGE, [0, 1, ...nothing(4)], 2)).toBe('.!!!..');
    expect(states(GAUGE, [0, 1, ...nothing(4)], 0)).toBe('.!....');
    expect(states({ ...GAUGE, TreatMissingData: 'ignore' }, [0, 1, ...nothing(4)], 2)).toBe('.!!!!!');
    expect(states({ ...GAUGE, TreatMissingData: 'breaching' }, [0, ...nothing(4)], 2)).toBe('...!!');
  });

  it('has no datum missing where arithmetic fills it', () => {
    const filled: AlarmDefinition = {
      AlarmName: 'silence',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
      Metrics: [
        { Id: 'expr', Expression: 'FILL(m, 0)' },
        { Id: 'm', MetricStat: { Metric: METRIC, Period: 60, Stat: 'Sum' } },
      ],
    };
    for (const further of [0, 5]) {
      expect(states(filled, [1, 1, 1, ...nothing(4), 1], further)).toBe('.....!!.');
    }
    expect(() => states({ ...filled, Metrics: [{ Id: 'e', Expression: 'm * 2' }] }, [1])).toThrow(
      /nobody foresaw/,
    );
  });

  it('reads the values of embedded metrics, of which one may have many', () => {
    const metrics = new WrittenMetrics();
    const document = {
      _aws: {
        CloudWatchMetrics: [{ Namespace: 'App', Dimensions: [['namespace']], Metrics: [{ Name: 'A' }] }],
      },
      namespace: 'x',
      A: [1, 2, 4],
    };
    metrics.addPrinted(`{"level":"INFO"}\n${JSON.stringify(document)}\n`, 5);
    expect(metrics.names).toEqual(['App A namespace=x']);
    expect(metrics.statistic('App A namespace=x', 'Sum', 5, 6)).toBe(7);
    expect(metrics.statistic('App A namespace=x', 'Maximum', 0, 5)).toBeUndefined();
  });
});
