import { INVISIBLE } from '../../text/inert.ts';
import { type Kept, redact } from './redact.ts';

const MAX_CHARACTERS = 200;
/** Enough to shorten from: a message is not read to its end when it has none. */
const MAX_READ = 4_000;
/** Where a tag begins; where it ends does not matter to a page that shows it. */
const MARKUP = /<[a-z!/?]/i;

/**
 * What a provider said, fit for a log line and a terminal: secrets covered, invisible characters gone, at
 * most 200 characters. `undefined` when nothing is left, or when it is HTML.
 */
export function safeMessage(text: string, secrets: readonly Kept[]): string | undefined {
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
