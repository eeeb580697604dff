import { namespaceProblem } from '../connections/connection-name.ts';
import { isOrigin } from '../connections/endpoint-url.ts';

/** What the environment of a function says. */
export interface Config {
  readonly namespace: string;
  readonly stateTable: string;
  /** ARN of the key of rescues; absent where that is the account's `aws/ssm`. */
  readonly rescueKey?: string;
  /** ARN of the key of tokens in parameters; absent where that is the account's `aws/ssm`. */
  readonly tokenKey?: string;
  /** Secret writes that one process makes in a second, 1 to 50. */
  readonly secretWritesPerSecond: number;
  /** URL of the queue that wakes what the tick is too coarse for; absent where nothing needs it. */
  readonly wakeUpQueue?: string;
  /** Tokens that one process writes to parameters in a second, 0.1 to 40: the account's limit is for everybody. */
  readonly parameterWritesPerSecond: number;
  /** Origins inside a private network to which token requests may go all the same. */
  readonly allowedTokenOrigins: readonly string[];
  /** The status widget has buttons: the function that does what they ask for is deployed. */
  readonly statusButtons?: true;
  /** `Token Refreshed` is not told; every other event is. */
  readonly tokenRefreshedEvents?: false;
  /** By how much lifetimes, quotas and policy times shrink; 1 outside local mode. */
  readonly timeScale: number;
}

/** The environment cannot be used. The message names every variable at fault, its value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'invalid_configuration';
}

/** Why a value cannot be used, in sentences without their subject; none when it can. */
type Judge = (value: string) => readonly string[];

const matching =
  (pattern: RegExp, problem: string): Judge =>
  (value) =>
    pattern.test(value) ? [] : [problem];

const within =
  (least: number, most: number, problem: string): Judge =>
  (value) =>
    /^\d+(\.\d+)?$/.test(value) && Number(value) >= least && Number(value) <= most ? [] : [problem];

// No alias: whoever may point it elsewhere would decide who reads what is written.
const keyArn = matching(
  /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
  'must be the ARN of a KMS key, e.g. arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-…',
);

const flag = matching(/^(true|false)$/, 'must be "true" or "false"');

/** Plain functions and no schemas, which a cold start would have to build first. */
const JUDGES = {
  EVERTOKEN_NAMESPACE: (value) => [namespaceProblem(value) ?? []].flat(),
  EVERTOKEN_STATE_TABLE: matching(
    /^[A-Za-z0-9_.-]{3,255}$/,
    'must be the name of a DynamoDB table: 3 to 255 of a-z, A-Z, 0-9, "_", ".", "-"',
  ),
  EVERTOKEN_RESCUE_KEY: keyArn,
  EVERTOKEN_TOKEN_KEY: keyArn,
  EVERTOKEN_SECRET_WRITES_PER_SECOND: within(1, 50, 'must be a number from 1 to 50'),
  EVERTOKEN_WAKE_UP_QUEUE: matching(/^https?:\/\/[^\s]+$/, 'must be the URL of an SQS queue'),
  EVERTOKEN_PARAMETER_WRITES_PER_SECOND: within(0.1, 40, 'must be a number from 0.1 to 40'),
  EVERTOKEN_ALLOWED_TOKEN_ORIGINS: (value) =>
    originsIn(value)
      .filter((origin) => !isOrigin(origin))
      .map(
        (origin) =>
          `"${origin}" is no origin; expected scheme, host and port alone, e.g. https://idp.internal:8443`,
      ),
  EVERTOKEN_STATUS_BUTTONS: flag,
  EVERTOKEN_TOKEN_REFRESHED_EVENTS: flag,
  EVERTOKEN_TIME_SCALE: within(1, Number.MAX_VALUE, 'must be a number of at least 1'),
} satisfies Readonly<Record<string, Judge>>;

/** The environment variables that a function reads. */
export type Variable = keyof typeof JUDGES;

/**
 * Reads the configuration; an empty variable counts as unset.
 * @throws ConfigError
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const names = Object.keys(JUDGES) as Variable[];
  const set = names.filter((name) => env[name] !== undefined && env[name] !== '');
  const values: Partial<Record<Variable, string>> = Object.fromEntries(set.map((name) => [name, env[name]]));
  const problems = names.flatMap((name) => problemsOf(name, values[name]));
  if (problems.length > 0) throw new ConfigError(problems.join('; '));
  return {
    namespace: values.EVERTOKEN_NAMESPACE ?? 'evertoken',
    stateTable: values.EVERTOKEN_STATE_TABLE ?? '',
    ...(values.EVERTOKEN_RESCUE_KEY !== undefined && { rescueKey: values.EVERTOKEN_RESCUE_KEY }),
    ...(values.EVERTOKEN_TOKEN_KEY !== undefined && { tokenKey: values.EVERTOKEN_TOKEN_KEY }),
    ...(values.EVERTOKEN_WAKE_UP_QUEUE !== undefined && { wakeUpQueue: values.EVERTOKEN_WAKE_UP_QUEUE }),
    parameterWritesPerSecond: Number(values.EVERTOKEN_PARAMETER_WRITES_PER_SECOND ?? 3),
    secretWritesPerSecond: Number(values.EVERTOKEN_SECRET_WRITES_PER_SECOND ?? 20),
    allowedTokenOrigins: originsIn(values.EVERTOKEN_ALLOWED_TOKEN_ORIGINS ?? ''),
    ...(values.EVERTOKEN_STATUS_BUTTONS === 'true' && { statusButtons: true }),
    ...(values.EVERTOKEN_TOKEN_REFRESHED_EVENTS === 'false' && { tokenRefreshedEvents: false }),
    timeScale: Number(values.EVERTOKEN_TIME_SCALE ?? 1),
  };
}

function problemsOf(name: Variable, value: string | undefined): readonly string[] {
  if (value !== undefined) return JUDGES[name](value).map((problem) => `${name}="${value}": ${problem}`);
  return name === 'EVERTOKEN_STATE_TABLE' ? [`${name} must be set to the name of the state table`] : [];
}

function originsIn(value: string): string[] {
  return value.split(/[\s,]+/).filter((origin) => origin !== '');
}
