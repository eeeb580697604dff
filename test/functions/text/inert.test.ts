import { describe, expect, it } from 'vitest';
import { firstInvisible, inert, inertLines, inertStart, inertValue } from '../../../functions/text/inert.ts';

describe('a text from elsewhere', () => {
  it.each([
    ['NUL', 0x00],
    ['tab', 0x09],
    ['line feed', 0x0a],
    ['carriage return', 0x0d],
    ['escape', 0x1b],
    ['delete', 0x7f],
    ['next line (C1)', 0x85],
    ['control sequence introducer (C1)', 0x9b],
    ['soft hyphen', 0xad],
    ['combining grapheme joiner', 0x34f],
    ['Arabic letter mark', 0x61c],
    ['Hangul filler', 0x3164],
    ['Mongolian vowel separator', 0x180e],
    ['zero width space', 0x200b],
    ['zero width joiner', 0x200d],
    ['left-to-right mark', 0x200e],
    ['line separator', 0x2028],
    ['paragraph separator', 0x2029],
    ['right-to-left override', 0x202e],
    ['word joiner', 0x2060],
    ['first strong isolate', 0x2068],
    ['blank Braille pattern', 0x2800],
    ['lone high surrogate', 0xd800],
    ['lone low surrogate', 0xdfff],
    ['private use', 0xe000],
    ['variation selector 16', 0xfe0f],
    ['byte order mark', 0xfeff],
    ['noncharacter', 0xffff],
    ['null notehead', 0x1d159],
    ['language tag', 0xe0001],
    ['tag letter', 0xe0041],
    ['variation selector 17', 0xe0100],
  ])('shows %s as JSON would write it, and JSON reads it back', (_, codePoint) => {
    const text = `a${String.fromCodePoint(codePoint)}b`;
    const shown = inert(text);
    expect(shown).toMatch(/^a(?:\\u[0-9a-f]{4}){1,2}b$/);
    expect(JSON.parse(`"${shown}"`)).toBe(text);
    expect(firstInvisible(text)).toEqual({
      codePoint: `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`,
      index: 1,
    });
  });

  it.each(['plain text, "quoted" \\ and so on~', 'café, Zürich, Ελλάδα, Київ', '東京 한글 שלום', '🙂', ' '])(
    'is shown as it is where everything in it is seen: %s',
    (text) => {
      expect(inert(text)).toBe(text);
      expect(firstInvisible(text)).toBeUndefined();
    },
  );

  it('stays the same when it is made inert again', () => {
    const once = inert('\u001b[2J\u202e');
    expect(inert(once)).toBe(once);
  });

  it('keeps its lines where it has lines of its own, and nothing else', () => {
    expect(inertLines('a\nb\r\n\u001bc\u2028')).toBe('a\nb\\u000d\n\\u001bc\\u2028');
  });

  it('is shortened to what a person reads, and says how long it was', () => {
    expect(inertStart('abc', 3)).toBe('abc');
    expect(inertStart('abcd', 3)).toBe('abc… (4 characters)');
    expect(inertStart('🙂🙂', 3)).toBe('🙂\\ud83d… (4 characters)');
    expect(inertStart('\u001b'.repeat(1_048_576))).toMatch(/^(?:\\u001b){4000}… \(1,048,576 characters\)$/);
  });

  it('is inert in JSON that somebody reads and shows', () => {
    const json = JSON.stringify({ deep: [{ text: '\u202e' }], count: 1, none: null }, inertValue);
    expect(JSON.parse(json)).toEqual({ deep: [{ text: '\\u202e' }], count: 1, none: null });
  });
});

it('an exception among the invisible characters does not count', () => {
  expect(firstInvisible('a\n\u001b', ['\n'])).toEqual({ codePoint: 'U+001B', index: 2 });
  expect(firstInvisible('a\n', ['\n'])).toBeUndefined();
});
