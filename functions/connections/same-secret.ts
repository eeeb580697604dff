/** The six random characters that Secrets Manager adds to the name in an ARN; an ARN may be written without. */
const SUFFIX = /-[A-Za-z0-9]{6}$/;

/** Whether two ARNs may name the same secret. */
export function maybeSameSecret(one: string, other: string): boolean {
  return one === other || one.replace(SUFFIX, '') === other || one === other.replace(SUFFIX, '');
}
