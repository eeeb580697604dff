/** Whether a word stands for several names. No name has these characters in it. */
export function isPattern(word: string): boolean {
  return /[*?]/.test(word);
}

/** What a name must be for a word to mean it: `*` stands for anything, `/` included, and `?` for one character. */
export function matcherOf(word: string): (name: string) => boolean {
  const source = [...word].map((character) => WILDCARDS[character] ?? RegExp.escape(character)).join('');
  const pattern = new RegExp(`^${source}$`, 's');
  return (name) => pattern.test(name);
}

const WILDCARDS: Readonly<Record<string, string>> = { '*': '.*', '?': '.' };
