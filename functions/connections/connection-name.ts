/** The shape of a name, as a regular expression without the rules on length and ending. */
export const NAME_PATTERN = '^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$';
const SEGMENTS = new RegExp(NAME_PATTERN);
const SECRETS_MANAGER_SUFFIX = /-[A-Za-z0-9]{6}$/;
const MAX_LENGTH = 128;
const MAX_SEGMENTS = 6;

/**
 * Why `name` cannot be the name of a connection or of credentials; `undefined` when it can.
 * A name becomes part of a secret's name, where a hyphen and six characters at the end would be taken
 * for the suffix that Secrets Manager adds to ARNs.
 */
export function nameProblem(name: string): string | undefined {
  if (name.length > MAX_LENGTH) return `is ${name.length} characters long; at most ${MAX_LENGTH} are allowed`;
  if (!SEGMENTS.test(name)) {
    return 'must consist of segments joined by "/", each of a-z, 0-9, ".", "_", "-" and beginning with a letter or digit';
  }
  if (name.split('/').length > MAX_SEGMENTS) return `has more than ${MAX_SEGMENTS} segments`;
  if (SECRETS_MANAGER_SUFFIX.test(name)) {
    return 'ends in a hyphen and six characters, which Secrets Manager would confuse with an ARN suffix';
  }
  return undefined;
}

/** Why `namespace` cannot be a namespace; `undefined` when it can. Parameter Store reserves `aws` and `ssm`. */
export function namespaceProblem(namespace: string): string | undefined {
  if (/^(aws|ssm)/i.test(namespace)) return 'begins with "aws" or "ssm", which Parameter Store reserves';
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(namespace)) {
    return 'must be 1 to 32 characters of a-z, 0-9 and "-", beginning with a letter or digit';
  }
  return undefined;
}
