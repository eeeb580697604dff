/** The mark that every fake secret of the tests carries, so that a leak can be searched for. */
export const CANARY = 'CANARY';

const CONTEXT = 60;

/** An obviously fake secret that carries the mark. */
export function canarySecret(label: string): string {
  return `fake-${CANARY}-${label}`;
}

/**
 * @throws when `text` holds the mark in a form in which a secret may travel: plain, in either case, base64 or
 * base64url as in HTTP Basic or a JWT, hexadecimal, percent-encoded, in JSON's escapes. `where` names what was
 * searched.
 */
export function assertNoCanary(text: string, where: string): void {
  for (const { form, pattern } of FORMS) {
    const at = text.search(pattern);
    if (at < 0) continue;
    const context = text.slice(Math.max(0, at - CONTEXT), at + CONTEXT);
    throw new Error(`a secret was seen in ${where}, ${form}: …${context}…`);
  }
}

const FORMS: readonly { readonly form: string; readonly pattern: RegExp }[] = [
  { form: 'plain', pattern: new RegExp(CANARY) },
  // The mark in lower case is a word; with what stands before it in a secret it is none.
  { form: 'in another case', pattern: new RegExp(`fake-${CANARY}-`, 'i') },
  {
    form: "in JSON's escapes",
    pattern: new RegExp([...CANARY].map((letter) => `(?:${letter}|\\\\u00${hexPattern(letter)})`).join('')),
  },
  ...[0, 1, 2].map((before) => ({ form: 'in base64', pattern: new RegExp(base64Core(before)) })),
  { form: 'in hexadecimal', pattern: new RegExp([...CANARY].map(hexPattern).join('')) },
  {
    form: 'percent-encoded',
    pattern: new RegExp([...CANARY].map((letter) => `(?:${letter}|%${hexPattern(letter)})`).join('')),
  },
];

/**
 * The part of the mark's base64 that is the same whatever stands around it, with `before` bytes before it
 * in its group of three. The letters of this mark need neither `+` nor `/`, so base64url is the same.
 */
function base64Core(before: number): string {
  const bytes = before + CANARY.length;
  const encoded = Buffer.from('\0'.repeat(before) + CANARY).toString('base64');
  return encoded.slice(Math.ceil((before * 8) / 6), Math.floor((bytes * 8) / 6));
}

/** The letter's two digits, which may be written in either case. */
function hexPattern(letter: string): string {
  const digits = letter.charCodeAt(0).toString(16);
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
