import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../functions/oauth/secret.ts';
import { canarySecret } from '../../support/canary.ts';

const VALUE = canarySecret('printed');
const secret = new Secret(VALUE);

describe('a secret that is printed by accident shows that it is one, and nothing else', () => {
  it.each([
    ['as text', String(secret)],
    ['in a template', `${secret}`],
    ['in JSON', JSON.parse(JSON.stringify(secret))],
    ['by inspect', inspect(secret)],
    ['by %s', format('%s', secret)],
    ['by %o', format('%o', secret)],
    ['by console.log, which takes it as it is', format(secret)],
  ])('%s', (_, printed) => expect(printed).toBe('[secret]'));

  it.each([
    ['in JSON', JSON.stringify({ tokens: [{ secret }] })],
    ['by inspect', inspect({ tokens: [{ secret }] }, { depth: null, showHidden: true, getters: true })],
    ['as the cause of an error', inspect(new Error('failed', { cause: secret }))],
  ])('inside something else, %s', (_, printed) => {
    expect(printed).toContain('[secret]');
    expect(printed).not.toContain(VALUE);
  });

  it('has no key under which the value could be found', () => {
    expect(Reflect.ownKeys(secret)).toEqual([]);
    expect({ ...secret }).toEqual({});
  });
});

it('a secret is revealed as it was given', () => {
  expect(secret.reveal()).toBe(VALUE);
});

it.each([
  ['', 0],
  ['abc', 3],
  ['é', 2],
  ['€', 3],
  ['🔑', 4],
])('the size of %j is %i bytes, as it is stored', (value, bytes) => {
  expect(new Secret(value).byteLength).toBe(bytes);
});

describe('two secrets', () => {
  it('are equal when their values are', () => {
    expect(secret.equals(new Secret(VALUE))).toBe(true);
    expect(secret.equals(secret)).toBe(true);
  });

  it.each([
    ['another value', new Secret(canarySecret('other'))],
    ['its beginning', new Secret(VALUE.slice(0, -1))],
    ['nothing', undefined],
  ])('are not, when the other is %s', (_, other) => expect(secret.equals(other)).toBe(false));
});
