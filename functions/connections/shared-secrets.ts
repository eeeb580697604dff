import type { ConnectionFields } from './connection-fields.ts';
import type { Problem } from './parse/describe-issues.ts';

/**
 * Secrets that two connections would fight over: a token's secret has one writer, and is nobody's
 * credentials. Credentials may be shared.
 */
export function sharedSecretProblems(connections: Readonly<Record<string, ConnectionFields>>): Problem[] {
  const all = Object.entries(connections);
  return all.flatMap(([name, { token }], index) => {
    if (token === undefined) return [];
    const path = ['connections', name, 'token', 'secretArn'];
    const writer = all
      .slice(0, index)
      .find(([, other]) => other.token && maybeSameSecret(other.token.secretArn, token.secretArn));
    const holder = all.find(
      ([otherName, { credentials }]) =>
        otherName !== name &&
        typeof credentials === 'object' &&
        maybeSameSecret(credentials.secretArn, token.secretArn),
    );
    return [
      ...(writer
        ? [{ path, message: `"${writer[0]}" publishes its token there: each needs a secret of its own` }]
        : []),
      ...(holder
        ? [
            {
              path,
              message: `holds the credentials of "${holder[0]}", which the first token would overwrite`,
            },
          ]
        : []),
    ];
  });
}

/** The six random characters that Secrets Manager adds to the name in an ARN; an ARN may be written without. */
const SUFFIX = /-[A-Za-z0-9]{6}$/;

/** The ARN as it may be written too. */
export const withoutSuffix = (secretArn: string) => secretArn.replace(SUFFIX, '');

/** Whether two ARNs may name the same secret. */
export function maybeSameSecret(one: string, other: string): boolean {
  return one === other || withoutSuffix(one) === other || one === withoutSuffix(other);
}
