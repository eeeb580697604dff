/** What a figure is told in. A `ratio` or a `count` does not depend on the machine, and is held to what is committed. */
export type Unit = 'ratio' | 'count' | 'ns' | 'ms' | 's' | 'KB' | 'MB' | 'dollars' | 'per second';

/** One figure of a run. */
export interface Figure {
  /** Says what is measured of what, e.g. `refresh-due: start to first commit, by hand = 1`. Unique in its benchmark. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** Default `lower`. */
  readonly better?: 'lower' | 'higher';
  /**
   * By which share of the committed figure a ratio or a count may be worse, before the run fails. 0 for what is
   * always the same; default 0.1.
   */
  readonly tolerance?: number;
  /** What it should be. */
  readonly goal?: number;
}

export interface BenchmarkOptions {
  /** The whole, which may take many minutes; else a form of some 20 s whose ratios and counts mean the same. */
  readonly full: boolean;
  /** Says how far it is. */
  readonly progress: (text: string) => void;
}

/** The default export of each `bench/<name>.ts` that can be asked for by name. */
export interface Benchmark {
  /** What it measures, in a sentence. */
  readonly about: string;
  run(options: BenchmarkOptions): Promise<readonly Figure[]>;
}
