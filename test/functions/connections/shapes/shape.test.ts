import { describe, expect, test } from 'vitest';
import {
  anything,
  either,
  fallback,
  flag,
  judged,
  list,
  number,
  object,
  oneOf,
  optional,
  REFUSED,
  record,
  type Shape,
  text,
} from '../../../../functions/connections/shapes/shape.ts';

describe.each<readonly [what: string, shape: Shape, taken: readonly unknown[], refused: readonly unknown[]]>([
  ['a text', text(), ['', 'a'], [undefined, null, 1, ['a']]],
  ['a text of a length', text({ least: 1, most: 2 }), ['a', 'ab'], ['', 'abc']],
  ['a text like another', text({ like: /^a+$/ }), ['a', 'aa'], ['', 'b', 'ab']],
  ['a number', number(), [0, -1, 1.5], [Number.NaN, Number.POSITIVE_INFINITY, '1']],
  ['a whole number', number({ whole: true }), [0, -1, 2 ** 53 - 1], [1.5, 2 ** 53]],
  ['a number from one to another', number({ from: 1, to: 2 }), [1, 1.5, 2], [0.9, 2.1]],
  ['a number above another', number({ above: 0 }), [0.1], [0, -1]],
  ['one of some', oneOf('a', 1, null), ['a', 1, null], ['b', '1', undefined]],
  ['a flag', flag, [true, false], [0, 'true', null]],
  ['a list', list(flag), [[], [true, false]], [{}, [1], [undefined], 'true']],
  ['a list of a length', list(flag, { least: 1, most: 2 }), [[true], [true, true]], [[], [true, true, true]]],
  ['a record', record(text({ least: 1 }), flag), [{}, { a: true }], [{ '': true }, { a: 1 }, [], null]],
  ['an object', object({ a: flag }), [{ a: true }], [{}, { a: 1 }, { a: true, b: 1 }, null, []]],
  ['one or another', either(flag, text()), [true, 'a'], [1, undefined]],
  ['what may be absent', optional(flag), [true, undefined], [null, 1]],
  ['what a judge likes', judged(text(), problemOf), ['good'], ['bad', 1]],
  ['anything', anything, [1, 'a', null, {}], []],
])('%s', (_, shape, taken, refused) => {
  test.each(taken.map((value) => [value]))('takes %j as it is', (value) => {
    expect(shape(value)).toStrictEqual(value);
  });

  test.each(refused.map((value) => [value]))('refuses %j', (value) => {
    expect(shape(value)).toBe(REFUSED);
  });
});

function problemOf(value: string): string | undefined {
  return value === 'good' ? undefined : 'is bad';
}

test('what is absent is filled in, anew each time', () => {
  const shape = object({
    a: fallback(1, number()),
    b: fallback({}, record(text(), flag)),
    c: optional(flag),
  });
  const read = shape({});
  expect(read).toStrictEqual({ a: 1, b: {} });
  expect((shape({}) as { b: object }).b).not.toBe((read as { b: object }).b);
});

test('fields come in the order of the shape', () => {
  expect(JSON.stringify(object({ a: flag, b: flag })({ b: true, a: true }))).toBe('{"a":true,"b":true}');
});

test('nothing that only looks like an object of JSON is read', () => {
  const shapes = [object({ a: optional(flag) }), record(text(), flag)];
  const others = [new Map(), new Date(), Object.create({ a: true }), Object.create(null), { a: undefined }];
  for (const shape of shapes) for (const other of others) expect(shape(other)).toBe(REFUSED);
});

test('a key that would become a prototype is refused', () => {
  const hostile = JSON.parse('{"__proto__": {"a": true}}');
  expect(record(text(), anything)(hostile)).toBe(REFUSED);
  expect(object({ a: optional(flag) })(hostile)).toBe(REFUSED);
});
