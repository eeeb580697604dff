/** What was given cannot be deployed. The message is for the person who wrote it: what, where, what is allowed. */
export class SynthProblem extends Error {
  override readonly name = 'SynthProblem';
  readonly code = 'invalid_deployment';
}
