import { expect, test } from 'vitest';
import { matchesName } from '../../../functions/status-page/name-pattern.ts';

test.each([
  ['shop/eu/1', 'eu'],
  ['shop/eu/1', 'SHOP'],
  ['shop/eu/1', 'shop/*'],
  ['shop/eu/1', '*/1'],
  ['shop/eu/1', 's*p/*1'],
  ['shop/eu/1', 'shop/eu/1*'],
  ['aa', 'a*a'],
  ['crm', '*'],
  ['crm', '***'],
])('%s is meant by %s', (name, pattern) => {
  expect(matchesName(name, pattern)).toBe(true);
});

test.each([
  ['shop/eu/1', 'us'],
  ['shop/eu/1', 'eu*'],
  ['shop/eu/1', '*eu'],
  ['shop/eu/1', 'shop/*/2'],
  ['a', 'a*a'],
  ['aba', 'ab*ba'],
  ['abc', 'a*bb*c'],
  ['crm', '.*x'],
])('%s is not meant by %s', (name, pattern) => {
  expect(matchesName(name, pattern)).toBe(false);
});

test('no pattern takes long', () => {
  const before = performance.now();
  expect(matchesName('a'.repeat(10_000), `${'*a'.repeat(5_000)}*b`)).toBe(false);
  expect(performance.now() - before).toBeLessThan(1_000);
});
