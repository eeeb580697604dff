import { describe, expect, it } from 'vitest';
import { fittedList, fittedText, type ListParts, wholeList } from '../../../cli/text/fit-screen.ts';

const height = (text: string) => text.split('\n').length;
const parts = (rows: number, blocks: number): ListParts => ({
  table: ['heading', ...Array.from({ length: rows }, (_, index) => `row ${index}`)],
  blocks: Array.from({ length: blocks }, (_, index) => `block ${index}\n  of two lines`),
  last: ['summary'],
  elsewhere: 'elsewhere all are shown',
});

describe('a list', () => {
  it('is shown whole where there is room', () => {
    expect(fittedList(parts(3, 1), { rows: 9, height })).toBe(wholeList(parts(3, 1)));
  });

  it('keeps its beginning, its end, and says how much more there is', () => {
    expect(fittedList(parts(100, 9), { rows: 14, height })).toBe(`heading
row 0
row 1
row 2
row 3
row 4
… and 95 more connections

block 0
  of two lines

… and 8 more troubles; elsewhere all are shown

summary`);
  });

  it('gives to the troubles what the table does not need', () => {
    const text = fittedList(parts(1, 9), { rows: 14, height });
    expect(text).toContain('block 1');
    expect(text).toContain('… and 7 more troubles');
  });

  it('gives to the table what the troubles do not need', () => {
    const text = fittedList(parts(100, 1), { rows: 14, height });
    expect(text).toContain('row 6\n… and 93 more connections\n\nblock 0');
  });

  it.each([
    [0, 0],
    [0, 30],
    [1, 1],
    [100, 0],
    [100, 1],
    [100, 30],
  ])('of %i rows and %i troubles is never longer than the terminal, and has its end', (rows, blocks) => {
    for (let room = 1; room < 60; room += 1) {
      const text = fittedList(parts(rows, blocks), { rows: room, height });
      expect(height(text)).toBeLessThanOrEqual(room);
      expect(text.endsWith('summary')).toBe(true);
    }
  });

  it('counts lines that go on over the edge', () => {
    const wrapping = (text: string) =>
      text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 5)), 0);
    for (let room = 3; room < 60; room += 1) {
      const text = fittedList(parts(50, 5), { rows: room, height: wrapping });
      expect(wrapping(text)).toBeLessThanOrEqual(room);
    }
  });
});

describe('a text', () => {
  it.each([
    [4, 'a\nb\nc\nd'],
    [3, 'a\nb\n… and 2 more lines'],
    [1, '… and 4 more lines'],
  ])('in %i rows has its beginning', (rows, text) => {
    expect(fittedText('a\nb\nc\nd', { rows, height })).toBe(text);
  });
});
