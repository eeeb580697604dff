/** An instant for a sentence: UTC, to the second. `at` in epoch milliseconds. */
export function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, -5)}Z`;
}
