import { expect, test } from 'vitest';
import { isNamedBy, isPattern, matchesName } from '../../../functions/text/name-pattern.ts';

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

test.each([
  ['crm', 'crm'],
  ['crm', 'c?m'],
  ['shop/1', 'shop/?'],
  ['shop/1', '*/?'],
  ['shop/eu/1', 's?op*e?/*'],
])('%s is named by %s', (name, word) => {
  expect(isNamedBy(name, word)).toBe(true);
});

test.each([
  ['crm', 'CRM'],
  ['crm-2', 'crm'],
  ['crm', 'crm?'],
  ['shop/10', 'shop/?'],
  ['shop/eu/1', '*e?s*'],
  ['crm', 'c.m'],
])('%s is not named by %s', (name, word) => {
  expect(isNamedBy(name, word)).toBe(false);
});

test('a word that stands for one name is no pattern', () => {
  expect(['crm', 'shop/eu', 'a.b'].some(isPattern)).toBe(false);
  expect(['crm*', 'c?m'].every(isPattern)).toBe(true);
});
