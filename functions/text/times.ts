/** A length of time for a person, rounded down: nothing is said to live longer than it does. None is less than nothing. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** An instant for a sentence: UTC, to the second. `at` in epoch milliseconds. */
export function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, -5)}Z`;
}
