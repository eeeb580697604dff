/** What was asked for cannot be done as it was asked. The message says why, in a line for each problem. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}
