import * as z from 'zod';
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

const namespace = z
  .string()
  .default('evertoken')
  .superRefine((value, context) => {
    const problem = namespaceProblem(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const origins = z
  .string()
  .default('')
  .transform((value) => value.split(/[\s,]+/).filter((origin) => origin !== ''))
  .superRefine((values, context) => {
    for (const value of values.filter((origin) => !isOrigin(origin))) {
      context.addIssue({
        code: 'custom',
        message: `"${value}" is no origin; expected scheme, host and port alone, e.g. https://idp.internal:8443`,
      });
    }
  });

// No alias: whoever may point it elsewhere would decide who reads what is written.
const keyArn = z
  .string()
  .regex(
    /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
    'must be the ARN of a KMS key, e.g. arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-…',
  );

const variables = z.object({
  EVERTOKEN_NAMESPACE: namespace,
  EVERTOKEN_STATE_TABLE: z
    .string({ error: 'must be set to the name of the state table' })
    .regex(
      /^[A-Za-z0-9_.-]{3,255}$/,
      'must be the name of a DynamoDB table: 3 to 255 of a-z, A-Z, 0-9, "_", ".", "-"',
    ),
  EVERTOKEN_RESCUE_KEY: keyArn.optional(),
  EVERTOKEN_TOKEN_KEY: keyArn.optional(),
  EVERTOKEN_SECRET_WRITES_PER_SECOND: numeric(20, 'must be a number from 1 to 50', z.number().min(1).max(50)),
  EVERTOKEN_WAKE_UP_QUEUE: z
    .string()
    .regex(/^https?:\/\/[^\s]+$/, 'must be the URL of an SQS queue')
    .optional(),
  EVERTOKEN_PARAMETER_WRITES_PER_SECOND: numeric(
    3,
    'must be a number from 0.1 to 40',
    z.number().min(0.1).max(40),
  ),
  EVERTOKEN_ALLOWED_TOKEN_ORIGINS: origins,
  EVERTOKEN_STATUS_BUTTONS: flag('false'),
  EVERTOKEN_TOKEN_REFRESHED_EVENTS: flag('true'),
  EVERTOKEN_TIME_SCALE: numeric(1, 'must be a number of at least 1', z.number().min(1)),
});

/** The environment variables that a function reads. */
export type Variable = keyof typeof variables.shape;

/**
 * Reads the configuration; an empty variable counts as unset.
 * @throws ConfigError
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const names = Object.keys(variables.shape) as Variable[];
  const set = names.filter((name) => env[name] !== undefined && env[name] !== '');
  const parsed = variables.safeParse(Object.fromEntries(set.map((name) => [name, env[name]])));
  if (!parsed.success) throw new ConfigError(problems(parsed.error, env));
  const values = parsed.data;
  return {
    namespace: values.EVERTOKEN_NAMESPACE,
    stateTable: values.EVERTOKEN_STATE_TABLE,
    ...(values.EVERTOKEN_RESCUE_KEY !== undefined && { rescueKey: values.EVERTOKEN_RESCUE_KEY }),
    ...(values.EVERTOKEN_TOKEN_KEY !== undefined && { tokenKey: values.EVERTOKEN_TOKEN_KEY }),
    ...(values.EVERTOKEN_WAKE_UP_QUEUE !== undefined && { wakeUpQueue: values.EVERTOKEN_WAKE_UP_QUEUE }),
    parameterWritesPerSecond: values.EVERTOKEN_PARAMETER_WRITES_PER_SECOND,
    secretWritesPerSecond: values.EVERTOKEN_SECRET_WRITES_PER_SECOND,
    allowedTokenOrigins: values.EVERTOKEN_ALLOWED_TOKEN_ORIGINS,
    ...(values.EVERTOKEN_STATUS_BUTTONS === 'true' && { statusButtons: true }),
    ...(values.EVERTOKEN_TOKEN_REFRESHED_EVENTS === 'false' && { tokenRefreshedEvents: false }),
    timeScale: values.EVERTOKEN_TIME_SCALE,
  };
}

function problems(error: z.ZodError, env: Readonly<Record<string, string | undefined>>): string {
  return error.issues
    .map(({ path, message }) => {
      const name = String(path[0]);
      const value = env[name];
      return value ? `${name}="${value}": ${message}` : `${name} ${message}`;
    })
    .join('; ');
}

function flag(fallback: 'true' | 'false') {
  return z.enum(['true', 'false'], { error: 'must be "true" or "false"' }).default(fallback);
}

function numeric(fallback: number, error: string, range: z.ZodNumber) {
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/, error)
    .transform(Number)
    .refine((value) => range.safeParse(value).success, error)
    .default(fallback);
}
