import type { ConnectionState } from '../connection-state.ts';

/**
 * How early a provider gives another token, as it is learned where it says so, in words or by giving the same one
 * again. Milliseconds before the end of a token; `null` for what is known no more.
 */
export interface Learned {
  /** The latest moment at which it gave none. */
  readonly tooEarlyMs?: number | null;
  /** The earliest at which it gave one after that. */
  readonly earliestMs?: number | null;
}

type Known = Pick<ConnectionState, 'expiresAt' | 'tooEarlyMs' | 'earliestMs'>;

/** Closer than this, nothing is looked for between the two. */
const CLOSE_MS = 10_000;

/** What it means that the provider gave no other token at `at`, epoch milliseconds. */
export function afterNone(
  { expiresAt = 0, tooEarlyMs = Infinity, earliestMs = 0 }: Known,
  at: number,
): Learned {
  const leftMs = expiresAt - at;
  if (leftMs <= 0) return {};
  return { tooEarlyMs: Math.min(tooEarlyMs, leftMs), ...(earliestMs >= leftMs && { earliestMs: null }) };
}

/**
 * What it means that it gave one at `at`. Where it never gave none, nothing; where that was earlier than when it gave
 * none, it is not so any more; where that was after the end, that end may have been a wrong one, as in a state that was
 * restored, and nothing counts that was learned by it.
 */
export function afterAnother({ expiresAt = 0, tooEarlyMs, earliestMs = 0 }: Known, at: number): Learned {
  if (tooEarlyMs === undefined) return {};
  const leftMs = expiresAt - at;
  if (leftMs <= 0 || leftMs >= tooEarlyMs) return { tooEarlyMs: null, earliestMs: null };
  return { earliestMs: Math.max(leftMs, earliestMs) };
}

/**
 * How early it is asked, in seconds: what is declared, or where that is later what was learned. As long as much lies
 * between when it gave one and when it gave none, it is asked in the middle: too late costs readers, and once too early
 * a request.
 */
export function askedEarliestSeconds(
  declared: number | undefined,
  { tooEarlyMs, earliestMs }: Pick<Known, 'tooEarlyMs' | 'earliestMs'>,
): number | undefined {
  if (tooEarlyMs === undefined || earliestMs === undefined) return declared;
  const isClose = tooEarlyMs - earliestMs <= CLOSE_MS;
  const asked = isClose ? earliestMs : (tooEarlyMs + earliestMs) / 2;
  return Math.min(declared ?? Infinity, asked / 1000);
}
