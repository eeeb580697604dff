import * as cdk from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Tells checkers of security rules, such as cdk-nag, why a finding is as it should be. */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  // Versions of a while ago know of no checkers that ask here.
  const { Validations }: Partial<typeof cdk> = cdk;
  Validations?.of(scope).acknowledge({ id: rule, reason });
}

/** The same for resources in a policy that hold a wildcard, one by one as cdk-nag names them. */
export function acknowledgeWildcards(scope: IConstruct, arns: readonly string[], reason: string): void {
  for (const arn of new Set(arns)) {
    acknowledge(scope, `AwsSolutions-IAM5[Resource::${flat(Stack.of(scope).resolve(arn))}]`, reason);
  }
}

/** A resolved value as cdk-nag writes it: references in angle brackets. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (ref !== undefined) return `<${ref}>`;
  if (join !== undefined) return join[1].map(flat).join(join[0]);
  throw new Error(`this value has no plain text: ${JSON.stringify(value)}`);
}
