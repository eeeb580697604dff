import type { z } from 'zod';
import { AwsError } from './error-answer.ts';

/**
 * Checks what was sent against an operation's members.
 * Members that AWS may know and this endpoint does not serve are refused by name, never ignored.
 * @throws AwsError `SerializationException` for a wrong JSON type, `ValidationException` for the rest
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => complaint(issue, input));
  const count = complaints.length;
  throw new AwsError(
    'ValidationException',
    `${count} validation error${count > 1 ? 's' : ''} detected: ${complaints.join('; ')}`,
  );
}

/** AWS's words for one issue, without the value: it may be a secret. */
function complaint(issue: z.core.$ZodIssue, input: unknown): string {
  const member = memberPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return `Members that this local endpoint does not serve: ${issue.keys.join(', ')}`;
  }
  if (issue.code === 'invalid_type') {
    if (valueAt(input, issue.path) != null) {
      throw new AwsError(
        'SerializationException',
        `Unexpected type at '${member}', expected ${issue.expected}`,
      );
    }
    return `Value null at '${member}' failed to satisfy constraint: Member must not be null`;
  }
  return `Value at '${member}' failed to satisfy constraint: ${constraint(issue)}`;
}

function constraint(issue: z.core.$ZodIssue): string {
  const quantity = 'origin' in issue && issue.origin === 'number' ? 'value' : 'length';
  switch (issue.code) {
    case 'too_small':
      return `Member must have ${quantity} greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return `Member must have ${quantity} less than or equal to ${issue.maximum}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    default:
      return issue.message;
  }
}

/** `secretIdList.3.member`: members in AWS's messages begin in lower case and count from 1. */
function memberPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `${key + 1}.member` : lowerFirst(String(key))))
    .join('.');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    input,
  );
}
