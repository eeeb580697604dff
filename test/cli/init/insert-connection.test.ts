import { describe, expect, it } from 'vitest';
import { insertConnection } from '../../../cli/init/insert-connection.ts';

const CRM = { provider: 'kajabi', credentials: 'kajabi-main' };
const LINE = '"crm": {"provider": "kajabi", "credentials": "kajabi-main"}';

describe('a connection is inserted', () => {
  it('into a file that does not exist yet', () => {
    expect(insertConnection(undefined, 'crm', CRM)).toBe(`{
  "$schema": "./connections.schema.json",
  "connections": {
    ${LINE}
  }
}
`);
  });

  it.each([
    ['before all', '"zoo"', (other: string) => `    ${LINE},\n    ${other}`],
    ['after all', '"aaa"', (other: string) => `    ${other},\n    ${LINE}`],
  ])('%s, by its name', (_, name, expected) => {
    const other = `${name}: {  "provider":"slashid", "credentials" :"x"}`;
    const file = (members: string) => `{\n  "connections": {\n${members}\n  }\n}\n`;
    expect(insertConnection(file(`    ${other}`), 'crm', CRM)).toBe(file(expected(other)));
  });

  it('between two, all else untouched to the byte: indentation, spaces, other keys, a byte order mark', () => {
    const file = (between: string) =>
      `\uFEFF{ "connections":{\r\n\t"a":{"provider":"slashid",\r\n\t\t"credentials":"x"},\r\n\t${between}"d" : {"tokenUrl":"https://e.com/t","credentials":"y"}\r\n}, "$schema":"s" }`;
    expect(insertConnection(file(''), 'crm', CRM)).toBe(file(`${LINE},\n\t`));
  });

  it('on one line where the others are on one', () => {
    const text = '{"connections": {"a": {"provider": "slashid", "credentials": "x"}}}';
    expect(insertConnection(text, 'crm', CRM)).toBe(
      `{"connections": {"a": {"provider": "slashid", "credentials": "x"}, ${LINE}}}`,
    );
  });

  it('over several lines where one would be too long', () => {
    const connection = { ...CRM, scope: 'x'.repeat(80), grants: ['refresh_token'] };
    expect(insertConnection('{\n  "connections": {}\n}\n', 'crm', connection)).toBe(`{
  "connections": {
    "crm": {
      "provider": "kajabi",
      "credentials": "kajabi-main",
      "scope": "${'x'.repeat(80)}",
      "grants": [
        "refresh_token"
      ]
    }
  }
}
`);
  });
});
