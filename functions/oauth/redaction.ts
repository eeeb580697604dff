import type { Secret } from './secret.ts';

/** Shortest piece of a secret that is covered; a shorter secret is covered whole. */
const PIECE = 8;
/** Longer than any token that a provider is known to issue; an answer could bring a mebibyte of it. */
const LONGEST = 16_384;
const COVER = '[redacted]';
const JWT = /\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g;

/**
 * Covers in `text` whatever it repeats of the secrets, as they are or encoded, in whole or in pieces of
 * at least eight characters, since providers shorten what they quote. Anything that looks like a JWT
 * is covered too: it may be a token that nobody here knows yet.
 */
export function redact(text: string, secrets: readonly Secret[]): string {
  const covered = new Uint8Array(text.length);
  for (const secret of secrets) {
    for (const form of formsOf(secret.reveal())) coverPieces(text, form, covered);
  }
  for (const match of text.matchAll(JWT)) covered.fill(1, match.index, match.index + match[0].length);
  return withCovers(text, covered);
}

/** A secret as it stands in text, JSON, a URL and a form. */
function formsOf(value: string): ReadonlySet<string> {
  const secret = value.slice(0, LONGEST);
  if (secret === '') return new Set();
  const wellFormed = secret.toWellFormed();
  return new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(wellFormed),
    new URLSearchParams({ '': wellFormed }).toString().slice(1),
  ]);
}

function coverPieces(text: string, secret: string, covered: Uint8Array): void {
  const length = Math.min(PIECE, secret.length);
  const pieces = new Set<string>();
  for (let at = 0; at + length <= secret.length; at++) pieces.add(secret.slice(at, at + length));
  for (let at = 0; at + length <= text.length; at++) {
    if (pieces.has(text.slice(at, at + length))) covered.fill(1, at, at + length);
  }
}

function withCovers(text: string, covered: Uint8Array): string {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    if (covered[at] === 0) result += text[at];
    else if (at === 0 || covered[at - 1] === 0) result += COVER;
  }
  return result;
}
