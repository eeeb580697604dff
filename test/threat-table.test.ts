import { describe, expect, test } from 'vitest';
import { readRepositoryFile, repositoryFiles } from './support/source-files.ts';

const text = readRepositoryFile('SECURITY.md');
const section = /^## Who against what$(.*?)^## /ms.exec(text)?.[1] ?? '';
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| **'))
  .map((line) => line.split('|').slice(1, -1));
const proofs = [...section.matchAll(/^- \*\*(\w)\*\* `([^`]+)`: (.+)$/gm)].map(
  ([, letter = '', path = '', title = '']) => ({ letter, path, title }),
);
const cells = rows.flatMap(([who = '', ...those]) => those.map((cell) => [who.trim(), cell.trim()] as const));

describe('the threat table of SECURITY.md', () => {
  test('has each principal against each asset', () => {
    expect(rows.map(([who = '']) => /\*\*(.+)\*\*/.exec(who)?.[1])).toEqual([
      'consumer',
      'operator',
      'viewer',
      'deployer',
      'declarer',
      'event sender',
      'parameter reader',
      'provider',
      'network',
      'other account',
    ]);
    expect(rows.every((row) => row.length === 8)).toBe(true);
    expect(cells.filter(([, cell]) => cell === '')).toEqual([]);
  });

  test.each(proofs)('names a test that is there: $letter', ({ path, title }) => {
    expect(repositoryFiles()).toContain(path);
    expect(readRepositoryFile(path)).toContain(title);
  });

  test('names a proof wherever it says that somebody cannot do a thing', () => {
    const letters = new Set(proofs.map(({ letter }) => letter));
    expect(letters.size).toBe(proofs.length);
    const used = cells.flatMap(([, cell]) =>
      [...cell.matchAll(/\[(\w)\]/g)].map(([, letter = '']) => letter),
    );
    expect(used.filter((letter) => !letters.has(letter))).toEqual([]);
    expect([...letters].filter((letter) => !used.includes(letter))).toEqual([]);
    const unproven = cells.filter(
      ([, cell]) => /\b(no|none|alone|cannot|only|refused)\b/.test(cell) && !cell.includes('['),
    );
    expect(unproven.map(([who, cell]) => `${who}: ${cell}`)).toEqual([
      '**provider**: none is sent',
      '**network** between function and provider: none is sent',
    ]);
  });
});
