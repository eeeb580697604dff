import { thousands } from './thousands.ts';

/**
 * What a terminal would obey, or what nobody sees: control characters (C0, DEL, C1), whatever steers the writing
 * direction, joins or has no width, tags, variation selectors and fillers, private and unassigned characters,
 * lone surrogates, separators of lines and paragraphs. Only to replace with: it remembers where it was.
 */
export const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]/gu;

/**
 * Text from elsewhere, in one line, as it may be shown to a person: each invisible character stands there as JSON
 * writes it (`\u202e`), so that nothing acts and nothing hides. JSON stays valid and means the same.
 */
export function inert(text: string): string {
  return text.replace(INVISIBLE, escaped);
}

/** As `inert`, for what has lines of its own: line feeds stay. */
export function inertLines(text: string): string {
  return text.replace(INVISIBLE, (character) => (character === '\n' ? character : escaped(character)));
}

/** Longer than anything that is meant to be read. */
const MOST_SHOWN = 4_000;

/**
 * As `inert`, and no longer than `most` characters: of a longer text the beginning, and how long it is.
 * @param most default 4,000
 */
export function inertStart(text: string, most = MOST_SHOWN): string {
  if (text.length <= most) return inert(text);
  return `${inert(text.slice(0, most))}… (${lengthText(text)})`;
}

/** A replacer for `JSON.stringify` that makes every string inert, for who shows it once it is parsed again. */
export function inertValue(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? inert(value) : value;
}

/**
 * The first invisible character of a text, by the name that Unicode gives it (`U+202E`), and where it stands.
 * @param except characters that do not count. Default: none
 */
export function firstInvisible(
  text: string,
  except: readonly string[] = [],
): { readonly codePoint: string; readonly index: number } | undefined {
  for (const { 0: character, index } of text.matchAll(INVISIBLE)) {
    if (except.includes(character)) continue;
    const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return { codePoint: `U+${hex}`, index };
  }
  return undefined;
}

/** `1,048,576 characters`. */
export function lengthText({ length }: string): string {
  return `${thousands(length)} characters`;
}

/** Each half of a pair by itself, as JSON has it. */
function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
