/**
 * Whether a name is meant by a pattern: a part of it, whatever the case, or with `*` for any text the whole of it.
 * Takes time in proportion to the two lengths, whatever the pattern.
 */
export function matchesName(name: string, pattern: string): boolean {
  const text = name.toLowerCase();
  const parts = pattern.toLowerCase().split('*');
  if (parts.length === 1) return text.includes(parts[0] ?? '');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= text.length - last.length;
}
