import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { type Parser, readingOnce } from './expressions-read-once.ts';

const require = createRequire(import.meta.url);
const parserOf = (name: string): Parser => require(`dynalite/db/${name}Parser.js`);

const names = { '#due': 'dueAt', '#owner': 'leaseOwner', '#last': 'last' };
const numbers = [
  { ':now': { N: '1' }, ':own': { S: 'a' } },
  { ':now': { N: '2' }, ':own': { S: 'b' } },
];
/** Types under which some of the expressions are refused. */
const others = [{ ':now': { S: 'x' }, ':own': { L: [] } }, { ':now': { N: '3' } }, {}];

const context = (attrVals: Record<string, object>) => ({
  attrNames: names,
  attrVals,
  unusedAttrNames: { ...names } as Record<string, unknown>,
  unusedAttrVals: { ...attrVals } as Record<string, unknown>,
  isReserved: (name: string) => name === 'reserved',
  compare: (_: string, one: { N: string }, other: { N: string }) => Number(one.N) > Number(other.N),
});

it.each([
  ['condition', '#due <= :now AND (attribute_not_exists(#owner) OR #owner = :own)'],
  ['condition', 'size(#due) > :now'],
  ['condition', 'begins_with(#owner, :own) AND NOT #due IN (:now, :own)'],
  ['condition', '#due BETWEEN :now AND :now'],
  ['condition', 'attribute_type(#due, :own)'],
  ['condition', 'reserved = :now'],
  ['condition', '#due = '],
  ['update', 'SET #due = :now, #owner = if_not_exists(#owner, :own) REMOVE #last'],
  ['update', 'SET #due = #due + :now'],
  ['update', 'ADD #due :now'],
  ['update', 'SET #due = :now, #due = :own'],
  ['projection', '#due, #owner.inner[2]'],
] as const)('%s expressions are read as they are read anew: %s', (kind, text) => {
  const { parse } = parserOf(kind);
  const once = readingOnce(parse);
  for (const values of [...numbers, ...others, ...numbers]) {
    const outcomes = [parse, once].map((read) => {
      const given = context(values);
      let outcome: unknown;
      try {
        outcome = read(text, { context: given });
      } catch (error) {
        return { error: String(error) };
      }
      return {
        outcome,
        unused: typeof outcome === 'string' || [given.unusedAttrNames, given.unusedAttrVals],
      };
    });
    expect(outcomes[1]).toStrictEqual(outcomes[0]);
  }
});

it('what was read is not shared by those who ask', () => {
  const once = readingOnce(parserOf('update').parse);
  const read = () => once('REMOVE #last', { context: context({}) }) as { paths: string[][] };
  read().paths.length = 0;
  expect(read().paths).toEqual([['last']]);
});
