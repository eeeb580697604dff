import type { UnusedStatement } from './iam/authorizer.ts';

/** What a run came to as to permissions. */
export interface PermissionReport {
  readonly allowed: number;
  readonly refused: number;
  /** Statements of roles that no call needed. */
  readonly unused: readonly UnusedStatement[];
}

/** The report for a person, in a few lines. */
export function renderPermissions({ allowed, refused, unused }: PermissionReport): string {
  const calls = `${allowed} permissions were needed and granted, ${refused} refused.`;
  if (unused.length === 0) return `${calls} Every statement of every role was used.`;
  const byRole = Map.groupBy(unused, ({ role }) => role);
  const lines = [...byRole].map(
    ([role, statements]) => `  ${role}: ${statements.map(({ statement }) => statement).join('; ')}`,
  );
  return [`${calls} Not used in this run:`, ...lines].join('\n');
}
