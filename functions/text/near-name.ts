import { closest, distance } from 'fastest-levenshtein';

/** A name without case and separators: `clientId` and `client_id` are the same. */
export const plainName = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The candidate that `word` most likely meant; `undefined` when none is near. */
export function nearName(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const written = plainName(word);
  const exact = candidates.find((candidate) => plainName(candidate) === written);
  if (exact !== undefined) return exact;
  const best = closest(word, candidates);
  return distance(word, best) <= Math.max(1, Math.floor(word.length / 3)) ? best : undefined;
}

/** Letters by which a word may differ from one that is surely meant. */
const SLIP = 2;

/** The candidate that `word` is but for a slip: case, separators, a letter or two; `undefined` for any other word. */
export function misspelt(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.includes(word)) return undefined;
  const written = plainName(word);
  return candidates.find((one) => plainName(one) === written || distance(word, one) <= SLIP);
}

/** `; did you mean "…"?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearName(word, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
