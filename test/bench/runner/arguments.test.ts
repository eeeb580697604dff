import { expect, test } from 'vitest';
import { readArguments, UnknownArguments } from '../../../bench/runner/arguments.ts';

const KNOWN = ['calls', 'cold-start', 'fleet'];

test('without a name everything is meant, in its short form', () => {
  expect(readArguments([], KNOWN)).toEqual({
    names: KNOWN,
    full: false,
    check: false,
    record: false,
    list: false,
    help: false,
  });
});

test('names are run once each, in the order asked for', () => {
  const { names, full, check } = readArguments(['fleet', 'calls', '--full', 'fleet', '--check'], KNOWN);
  expect({ names, full, check }).toEqual({ names: ['fleet', 'calls'], full: true, check: true });
});

test.each([
  [
    ['cold-strat'],
    'no benchmark is called "cold-strat". Did you mean cold-start? There are: calls, cold-start, fleet',
  ],
  [['memory'], 'no benchmark is called "memory". There are: calls, cold-start, fleet'],
  [['--fast'], "Unknown option '--fast'; see --help"],
  [
    ['--check', '--record'],
    '--check holds the run against what is committed, --record replaces it: one of them',
  ],
])('%j is refused with what there is', (args, message) => {
  expect(() => readArguments(args, KNOWN)).toThrow(UnknownArguments);
  expect(() => readArguments(args, KNOWN)).toThrow(message);
});
