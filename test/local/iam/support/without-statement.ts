import {
  type Call,
  type Caller,
  isAllowed,
  mayUseKey,
  type Statement,
} from '../../../../local/iam/policy-evaluator.ts';
import type { Role } from '../../../../local/iam/role.ts';

/**
 * What a role could not do any more without one of its statements.
 * @param needed permissions that it has
 * @param keyPolicy the policy of a key, by its ARN
 */
export function lostWithout(
  role: Pick<Role, 'arn' | 'statements'>,
  statement: Statement,
  needed: readonly { readonly kind: 'action' | 'key'; readonly call: Call }[],
  { accountId, keyPolicy }: { accountId: string; keyPolicy: (keyArn: string) => readonly Statement[] },
): readonly Call[] {
  const statements = role.statements.filter((other) => other !== statement);
  const caller = { arn: role.arn, accountId, statements };
  return needed
    .filter(({ kind, call }) =>
      kind === 'key' ? !mayUseKey(caller, keyPolicy(call.resource), call) : !isAllowed(caller, call),
    )
    .map(({ call }) => call);
}

/** A use of a key, and whether it is allowed. */
export type KeyRow = readonly [
  what: string,
  caller: Caller,
  action: string,
  context: Readonly<Record<string, string>>,
  allowed: boolean,
];

/** What of all that a key must allow it would not, without one of its statements. */
export function keyLostWithout(
  statement: Statement,
  { policy, key, rows }: { policy: readonly Statement[]; key: string; rows: readonly KeyRow[] },
): readonly string[] {
  const others = policy.filter((one) => one !== statement);
  return rows
    .filter(
      ([, caller, action, context, allowed]) =>
        allowed && !mayUseKey(caller, others, { action, resource: key, context }),
    )
    .map(([what]) => what);
}
