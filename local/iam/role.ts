import type { Statement } from './policy-evaluator.ts';

/** A role with all that its policies say. */
export interface Role {
  readonly name: string;
  readonly arn: string;
  /** Who may take it on. */
  readonly trust: readonly Statement[];
  readonly statements: readonly Statement[];
}

/** How a statement is called where people read of it. */
export function statementName({ Sid, Action }: Statement): string {
  return Sid ?? (typeof Action === 'string' ? Action : Action.join(', '));
}
