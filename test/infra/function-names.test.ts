import { expect, test } from 'vitest';
import { functionNameAt } from '../../infra/function-names.ts';

const SOURCE = `export async function outer() {
  return [1].map((each) => each + 1);
}
const arrow = () => 2;
class Tick {
  #late = () => 3;
  constructor() { this.x = 4; }
  run() { return 5; }
  get due() { return 6; }
}
export const table = { get: () => 7, put() { return 8; } };
export default class { go() { return 9; } }
const top = 0;
`;

/** Where a number stands. */
function placeOf(number: number): [line: number, column: number] {
  const before = SOURCE.slice(
    0,
    SOURCE.lastIndexOf(`${number};`) + 1 || SOURCE.indexOf(`${number},`) + 1,
  ).split('\n');
  return [before.length, before.at(-1)?.length ?? 0];
}

test.each([
  [2, 'arrow'],
  [3, '#late'],
  [4, 'new Tick'],
  [5, 'Tick.run'],
  [6, 'Tick.due'],
  [7, 'get'],
  [8, 'put'],
  [9, '<anonymous>.go'],
  [0, undefined],
])('the function around %i is called %s', (number, name) => {
  expect(functionNameAt(SOURCE, ...placeOf(number))).toBe(name);
});

test('the innermost counts, which may have no name', () => {
  expect(functionNameAt(SOURCE, 2, 10)).toBe('outer');
  expect(functionNameAt(SOURCE, 2, 30)).toBeUndefined();
});

test('a place that is not there is in no function', () => {
  expect(functionNameAt(SOURCE, 1_000, 1)).toBeUndefined();
});
