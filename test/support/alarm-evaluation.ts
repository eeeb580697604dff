const MINUTE = 60_000;

/** One value of one metric. */
interface Datum {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

interface Watched {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}

interface MetricStat {
  readonly Metric: Watched;
  readonly Period: number;
  readonly Stat: string;
}

/** An alarm as a template has it, as far as the deployment's alarms go. */
export interface AlarmDefinition extends Partial<Watched> {
  readonly AlarmName: string;
  readonly ComparisonOperator: 'LessThanThreshold' | 'GreaterThanOrEqualToThreshold';
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData: 'breaching' | 'notBreaching' | 'ignore';
  readonly Period?: number;
  readonly Statistic?: string;
  /** Of arithmetic there is one form alone: what is missing is filled with zero. */
  readonly Metrics?: readonly {
    readonly Expression?: string;
    readonly Id: string;
    readonly MetricStat?: MetricStat;
  }[];
}

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
};

/** What was written of metrics, by name and dimension. */
export class WrittenMetrics {
  readonly #data = new Map<string, Datum[]>();

  add(metric: string, at: number, value: number): void {
    this.#data.set(metric, [...(this.#data.get(metric) ?? []), { at, value }]);
  }

  /** The values of the documents of CloudWatch's embedded metric format in what was printed, all written at `at`. */
  addPrinted(text: string, at: number): void {
    for (const line of text.split('\n').filter((each) => each.includes('"CloudWatchMetrics"'))) {
      const document = JSON.parse(line) as EmbeddedMetrics;
      for (const { Namespace, Dimensions, Metrics } of document._aws.CloudWatchMetrics) {
        const dimensions = (Dimensions[0] ?? []).map((Name) => `${Name}=${document[Name]}`);
        for (const { Name } of Metrics) {
          const key = [Namespace, Name, ...dimensions].join(' ');
          for (const value of [document[Name]].flat()) this.add(key, at, Number(value));
        }
      }
    }
  }

  has(metric: string): boolean {
    return this.#data.has(metric);
  }

  get names(): readonly string[] {
    return [...this.#data.keys()];
  }

  /** From `from` on and before `to`; `undefined` where nothing was written. */
  statistic(metric: string, name: string, from: number, to: number): number | undefined {
    const values = (this.#data.get(metric) ?? [])
      .filter(({ at }) => at >= from && at < to)
      .map(({ value }) => value);
    const statistic = STATISTICS[name];
    if (statistic === undefined) throw new Error(`no alarm was expected to look at the ${name}`);
    return values.length === 0 ? undefined : statistic(values);
  }
}

interface EmbeddedMetrics extends Readonly<Record<string, unknown>> {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/**
 * An alarm as CloudWatch evaluates it: each minute, over windows that end then. Where data are missing it looks at some
 * periods more than it needs, and takes the newest that are there; only where too few are, it goes by
 * `TreatMissingData`. How many it looks at is not documented; its examples have two more.
 */
export class EvaluatedAlarm {
  readonly name: string;
  state: 'OK' | 'ALARM' = 'OK';
  readonly #definition: AlarmDefinition;
  readonly #metrics: WrittenMetrics;
  readonly #key: (watched: Watched) => string;
  readonly #further: number;

  /**
   * @param key the name under which the data of a metric were written
   * @param further periods that are looked at where data are missing
   */
  constructor(
    definition: AlarmDefinition,
    metrics: WrittenMetrics,
    key: (watched: Watched) => string,
    further = 2,
  ) {
    this.name = definition.AlarmName;
    this.#definition = definition;
    this.#metrics = metrics;
    this.#key = key;
    this.#further = further;
  }

  /** @param now epoch milliseconds; what is not yet a whole minute is not looked at */
  evaluate(now: number): void {
    const { EvaluationPeriods: needed, DatapointsToAlarm = needed, TreatMissingData } = this.#definition;
    const end = Math.floor(now / MINUTE) * MINUTE;
    const looked = Array.from({ length: needed + this.#further }, (_, period) => this.#datum(end, period));
    const isWhole = looked.slice(0, needed).every((datum) => datum !== undefined);
    const there = (isWhole ? looked.slice(0, needed) : looked).filter((datum) => datum !== undefined);
    const missing = Math.max(0, needed - there.length);
    if (missing > 0 && TreatMissingData === 'ignore') return;
    const breaching = there.slice(0, needed).filter((datum) => this.#isBreaching(datum)).length;
    const all = breaching + (TreatMissingData === 'breaching' ? missing : 0);
    this.state = all >= DatapointsToAlarm ? 'ALARM' : 'OK';
  }

  #datum(end: number, periodsAgo: number): number | undefined {
    const { metric, periodSeconds, statistic, filled } = this.#watched();
    const to = end - periodsAgo * periodSeconds * 1000;
    const key = this.#key(metric);
    const datum = this.#metrics.statistic(key, statistic, to - periodSeconds * 1000, to);
    return datum ?? (filled && this.#metrics.has(key) ? 0 : undefined);
  }

  #watched() {
    const { Metrics, Namespace, MetricName, Dimensions = [], Period, Statistic } = this.#definition;
    if (Metrics === undefined) {
      const metric = { Namespace: String(Namespace), MetricName: String(MetricName), Dimensions };
      return { metric, periodSeconds: Number(Period), statistic: String(Statistic), filled: false };
    }
    const source = Metrics.find(({ MetricStat }) => MetricStat !== undefined);
    const filled = Metrics.some(({ Expression }) => Expression === `FILL(${source?.Id}, 0)`);
    if (source?.MetricStat === undefined || !filled)
      throw new Error(`${this.name}: arithmetic that nobody foresaw`);
    const { Metric, Period: periodSeconds, Stat: statistic } = source.MetricStat;
    return { metric: Metric, periodSeconds, statistic, filled };
  }

  #isBreaching(value: number): boolean {
    const { ComparisonOperator, Threshold } = this.#definition;
    return ComparisonOperator === 'LessThanThreshold' ? value < Threshold : value >= Threshold;
  }
}
