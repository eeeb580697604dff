/** The mark that every fake secret of the tests carries, so that a leak can be searched for. */
export const CANARY = 'CANARY';

/** An obviously fake secret that carries the mark. */
export function canarySecret(label: string): string {
  return `fake-${CANARY}-${label}`;
}

/** @throws when `text` holds the mark; `where` names what was searched. */
export function assertNoCanary(text: string, where: string): void {
  const at = text.indexOf(CANARY);
  if (at < 0) return;
  const context = text.slice(Math.max(0, at - 60), at + 60);
  throw new Error(`a secret was seen in ${where}: …${context}…`);
}
