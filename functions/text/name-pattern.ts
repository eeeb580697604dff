/** Whether a word stands for several names. No name has these characters in it. */
export function isPattern(word: string): boolean {
  return /[*?]/.test(word);
}

/**
 * Whether a name is one that a word stands for: itself, or with `*` for any text, `/` included, and `?` for one
 * character. Takes time in proportion to the two lengths, however many `*` there are.
 */
export function isNamedBy(name: string, word: string): boolean {
  const parts = word.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return name.length === word.length && standsAt(name, word, 0);
  const last = parts.at(-1) ?? '';
  const end = name.length - last.length;
  if (end < first.length || !standsAt(name, first, 0) || !standsAt(name, last, end)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = indexOf(name, part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= end;
}

/** The same for who looks for something: whatever the case, and a word that stands for one name for each part of one. */
export function matchesName(name: string, word: string): boolean {
  const [text, wanted] = [name.toLowerCase(), word.toLowerCase()];
  return isPattern(wanted) ? isNamedBy(text, wanted) : text.includes(wanted);
}

function indexOf(name: string, part: string, from: number): number {
  if (!part.includes('?')) return name.indexOf(part, from);
  for (let at = from; at + part.length <= name.length; at += 1) if (standsAt(name, part, at)) return at;
  return -1;
}

function standsAt(name: string, part: string, at: number): boolean {
  if (!part.includes('?')) return name.startsWith(part, at);
  return [...part].every((character, index) => character === '?' || name[at + index] === character);
}
