import { expect, test } from 'vitest';
import { parseConnection } from '../../../../functions/connections/parse/parse-connection.ts';

const crm = { provider: 'kajabi', credentials: 'kajabi-main' };

test('throws one sentence with everything that is wrong', () => {
  expect(() => parseConnection({ ...crm, marginSeconds: 'abc', adopt: 1 }, 'crm')).toThrow(
    'connection "crm": marginSeconds: expected a positive integer, found "abc"; adopt: expected true or false, found 1',
  );
});

test('refuses a newer schema before it complains of anything else', () => {
  expect(() => parseConnection({ schema: 2, whatever: true }, 'crm')).toThrow(
    'connection "crm": schema 2 is newer than this version of evertoken understands (1); update evertoken',
  );
});

test.each([null, 'crm', [], 7])('refuses %j', (value) => {
  expect(() => parseConnection(value, 'crm')).toThrow(/^connection "crm": expected an object, found /);
});

test('says what is needed of a connection that names no source', () => {
  expect(() => parseConnection({ credentials: 'k' }, 'crm')).toThrow(
    'connection "crm": needs one of "provider", "issuer" or "tokenUrl" to know where tokens come from',
  );
});

test('returns the connection', () => {
  expect(parseConnection({ schema: 1, ...crm }, 'crm')).toEqual({ schema: 1, ...crm });
});
