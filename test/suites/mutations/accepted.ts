/** A mutant that may survive. */
export interface Accepted {
  /** From the root of the repository. */
  readonly file: string;
  /** A fragment of the line on which the mutated code begins, each run of blanks as one. */
  readonly code: string;
  /** A fragment of what is printed of the mutant, `Mutator: original → mutant`. @default all of that line */
  readonly mutant?: string;
  /** Why no test should notice it. */
  readonly reason: string;
}

export const ACCEPTED: readonly Accepted[] = [];
