import { redact } from './redaction.ts';
import type { Secret } from './secret.ts';

const MAX_CHARACTERS = 200;
/** Enough to shorten from; a provider's message is not read to its end when it has none. */
const MAX_READ = 4_000;
/** Control, format (such as writing direction) and private characters, lone surrogates, line separators. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const MARKUP = /<\/?[a-z!][^>]*>/i;

/**
 * What a provider said, fit for a log line and a terminal: secrets covered, invisible characters gone, at
 * most 200 characters. `undefined` when nothing is left, or when it is HTML.
 */
export function providerWords(text: string, secrets: readonly Secret[]): string | undefined {
  if (MARKUP.test(text)) return undefined;
  // Covered before anything is cut or joined, so that no piece of a secret slips through.
  const plain = redact(text.slice(0, MAX_READ), secrets).replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim();
  if (plain === '') return undefined;
  const characters = [...plain];
  return characters.length <= MAX_CHARACTERS ? plain : `${characters.slice(0, MAX_CHARACTERS - 1).join('')}…`;
}
