/** What was synthesised holds something that local mode does not know. The message names it and where it is. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}
