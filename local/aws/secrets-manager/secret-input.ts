import { z } from 'zod';
import { AwsError } from '../wire/error-answer.ts';
import type { SecretRecord, SecretValue } from './secret-record.ts';

const VALUE_BYTES = 65_536;
const TOO_LONG = `Member must have length less than or equal to ${VALUE_BYTES}`;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const secretId = z.string().min(1).max(2048);
export const versionId = z.string().min(32).max(64);
export const stage = z.string().min(1).max(256);
export const tags = z
  .array(z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
  .max(50);

/** The members that carry a value, spread into CreateSecret and PutSecretValue. */
export const valueMembers = {
  // Its length has an error name of its own, see `requestToken`.
  ClientRequestToken: z.string().optional(),
  SecretString: z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= VALUE_BYTES, TOO_LONG)
    .optional(),
  SecretBinary: z
    .string()
    .min(1)
    .regex(BASE64, 'Member must be base64')
    .refine((text) => Buffer.byteLength(text, 'base64') <= VALUE_BYTES, TOO_LONG)
    .optional(),
};

const FilterSchema = z.strictObject({
  Key: z.literal('name'),
  // `!` would negate a filter.
  Values: z
    .array(z.string().max(512).regex(/^[^!]/, 'Member must not be empty or begin with !'))
    .min(1)
    .max(10),
});
export const filters = z.array(FilterSchema).max(10);

interface ValueInput {
  readonly ClientRequestToken?: string | undefined;
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}

/** The value sent; `undefined` when there is none. @throws AwsError when both kinds are sent */
export function sentValue({ SecretString, SecretBinary }: ValueInput): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalid(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (SecretString !== undefined) return { SecretString };
  return SecretBinary === undefined ? undefined : { SecretBinary };
}

/** The id for the new version: the token, or a new UUID where a client sends none. */
export function requestToken({ ClientRequestToken: token }: ValueInput, uuid: () => string): string {
  if (token === undefined) return uuid();
  if (token.length < 32 || token.length > 64)
    throw invalid('ClientRequestToken must be 32-64 characters long.');
  return token;
}

/** @throws AwsError `ValidationException` */
export function checkSecretName(name: string): void {
  if (!/^[A-Za-z0-9/_+=.@-]+$/.test(name)) {
    throw new AwsError(
      'ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
  }
}

/** Days until a deleted secret is gone; `undefined` for at once. Default 30. */
export function recoveryDays(days: number | undefined, force: boolean): number | undefined {
  if (force && days !== undefined) {
    throw invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  if (force) return undefined;
  if (days !== undefined && (days < 7 || days > 30)) {
    throw invalid('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
  return days ?? 30;
}

/** Whether a secret passes all filters: its name begins with one of the values. */
export function matches(record: SecretRecord, wanted: z.infer<typeof filters> = []): boolean {
  return wanted.every(({ Values }) => Values.some((value) => record.name.startsWith(value)));
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
