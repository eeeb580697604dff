import { closest, distance } from 'fastest-levenshtein';

/** The candidate that `word` most likely meant; `undefined` when none is near. */
export function nearName(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const written = plain(word);
  const exact = candidates.find((candidate) => plain(candidate) === written);
  if (exact !== undefined) return exact;
  const best = closest(word, candidates);
  return distance(word, best) <= Math.max(1, Math.floor(word.length / 3)) ? best : undefined;
}

/** `; did you mean "…"?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearName(word, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}
