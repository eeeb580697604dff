import { describe, expect, it } from 'vitest';
import { safeMessage } from '../../../../functions/oauth/response/safe-message.ts';

describe('safeMessage', () => {
  it('keeps 200 characters, and shortens what is longer by so much that its mark still fits', () => {
    expect(safeMessage('x'.repeat(200), [])).toBe('x'.repeat(200));
    expect(safeMessage('x'.repeat(201), [])).toBe(`${'x'.repeat(199)}…`);
  });

  it('does not look for words behind 4,000 characters of nothing', () => {
    expect(safeMessage(`${'\u200b'.repeat(3_999)}x`, [])).toBe('x');
    expect(safeMessage(`${'\u200b'.repeat(4_000)}x`, [])).toBeUndefined();
  });
});
