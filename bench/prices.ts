/**
 * What AWS charges in us-east-1 by its list prices of 2026, in dollars, without free tiers. Each is the price of one
 * unit, so that a cost is a count times a price.
 */
export const PRICES = {
  secretsManager: {
    /** Each API call: $0.05 for 10,000. */
    call: 0.05 / 10_000,
    secretMonth: 0.4,
  },
  dynamoDb: {
    /** On demand: a write of up to 1 KB; twice that within a transaction. */
    writeUnit: 0.625 / 1e6,
    /** On demand: a strongly consistent read of up to 4 KB; half of it where it is eventually consistent. */
    readUnit: 0.125 / 1e6,
    gigabyteMonth: 0.25,
  },
  lambda: {
    request: 0.2 / 1e6,
    /** arm64. */
    gigabyteSecond: 0.0000133334,
  },
  /** A custom event of up to 64 KB. */
  eventBridge: { event: 1 / 1e6 },
  scheduler: { invocation: 1 / 1e6 },
  parameterStore: {
    /** Standard parameters at standard throughput. */
    standardCall: 0,
    standardMonth: 0,
    /** Advanced parameters, and all at higher throughput: $0.05 for 10,000. */
    advancedCall: 0.05 / 10_000,
    advancedMonth: 0.05,
  },
  kms: {
    call: 3 / 1e6,
    keyMonth: 1,
  },
  sqs: { call: 0.4 / 1e6 },
  cloudWatch: {
    /** Each of the first 10,000 custom metrics of an account; by the hour in which it is written. */
    metricMonth: 0.3,
    alarmMonth: 0.1,
    /** Beyond the first three of an account. */
    dashboardMonth: 3,
    logGigabyte: 0.5,
    logGigabyteMonth: 0.03,
  },
} as const;

/** Hours of a month, as AWS counts them. */
export const MONTH_HOURS = 730;
