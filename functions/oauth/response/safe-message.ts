import type { Secret } from '../secret.ts';

const MAX_CHARACTERS = 200;
/** Enough to shorten from: a message is not read to its end when it has none. */
const MAX_READ = 4_000;
/** Control, format (such as writing direction) and private characters, lone surrogates, line separators. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** Where a tag begins; where it ends does not matter to a page that shows it. */
const MARKUP = /<[a-z!/?]/i;

/**
 * What a provider said, fit for a log line and a terminal: secrets covered, invisible characters gone, at
 * most 200 characters. `undefined` when nothing is left, or when it is HTML.
 */
export function safeMessage(text: string, secrets: readonly Secret[]): string | undefined {
  const start = text.slice(0, MAX_READ);
  if (MARKUP.test(start) || visible(start) === '') return undefined;
  // Covered before anything is cut or joined, so that no piece of a secret slips through.
  const plain = visible(redact(start, secrets));
  const characters = [...plain];
  return characters.length <= MAX_CHARACTERS ? plain : `${characters.slice(0, MAX_CHARACTERS - 1).join('')}…`;
}

function visible(text: string): string {
  return text.replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim();
}

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
