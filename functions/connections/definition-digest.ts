import { hash } from 'node:crypto';

/** Raised when the same definition is to be registered anew, since this version would store more or other things of it. */
const FORM = 1;

/**
 * Tells whether a definition is the one that was registered, without comparing the two: 16 characters, the same
 * whatever the order of keys. Another version of the program that reads a declaration differently has another
 * definition of it, and so another digest. Definitions hold nothing secret.
 */
export function definitionDigest(name: string, definition: unknown): string {
  const text = JSON.stringify([FORM, name, definition], (_, value: unknown) => inOrder(value));
  return hash('sha256', text, 'base64url').slice(0, 16);
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
