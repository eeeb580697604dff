import { describe, expect, it } from 'vitest';
import { connectionSchema } from '../../../../functions/connections/connection.ts';
import { asciiUrl } from '../../../../functions/connections/endpoint-url.ts';
import {
  parseConnection,
  storedDefinition,
} from '../../../../functions/connections/parse/parse-connection.ts';
import { parseConnections } from '../../../../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../../../../functions/connections/parse/parse-json-file.ts';
import { unreadableText } from '../../../../functions/connections/parse/readable-text.ts';
import { firstInvisible } from '../../../../functions/text/inert.ts';
import { HOSTILE_TEXTS } from '../../../support/hostile-texts.ts';

const place = { namespace: 'evertoken' };

/** What is said of a value that is refused; `undefined` when it is not. */
function refusal(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a hostile declaration', () => {
  it('comes in more than thirty ways, each a row of its own', () => {
    expect(HOSTILE_TEXTS.length).toBeGreaterThan(30);
    expect(new Set(HOSTILE_TEXTS.map(({ what }) => what)).size).toBe(HOSTILE_TEXTS.length);
  });

  it.each(HOSTILE_TEXTS)('$what: is refused in a parameter, and not repeated', (row) => {
    const said = refusal(() => parseConnection(row.declaration, 'crm', place));
    if (row.refusal === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(`connection "crm": ${row.refusal}`);
    expect(firstInvisible(said ?? '')).toBeUndefined();
    expect((said ?? '').length).toBeLessThan(1_000);
    expect({}).not.toHaveProperty('polluted');
  });

  it.each(HOSTILE_TEXTS)('$what: is refused in a file, at its place', ({ declaration, refusal: said }) => {
    // A string that is no well-formed Unicode stands in a file as an escape sequence.
    const text = `{"connections": {\n"crm": ${JSON.stringify(declaration)}}}`;
    const parsed = parseConnections(text, { place });
    if (said === undefined) {
      expect(parsed.ok).toBe(true);
      return;
    }
    const lines = parsed.ok ? [] : parsed.problems.map(fileProblemText);
    expect(lines.length).toBeGreaterThan(0);
    const top = said.startsWith('is nested');
    expect(lines[0]).toMatch(top ? /^connections\.json:1:1 / : /^connections\.json:2:\d+ connections\.crm/);
    expect(lines[0]).toContain(said);
    expect(firstInvisible(lines.join(''))).toBeUndefined();
    expect(lines.join('\n').length).toBeLessThan(1_000);
  });

  const hidden = HOSTILE_TEXTS.filter(({ refusal: said = '' }) => said.includes('invisible'));

  it.each(hidden)('$what: is refused as the name of a connection', ({ text }) => {
    const parsed = parseConnections(JSON.stringify({ connections: { [text]: {} } }));
    const lines = parsed.ok ? [] : parsed.problems.map(fileProblemText);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('as a key: holds the invisible character U+');
    expect(firstInvisible(lines[0] ?? '')).toBeUndefined();
  });

  it.each(hidden)('$what: is not echoed where the file is no JSON', ({ text }) => {
    const parsed = parseConnections(`{"connections": ${text}`);
    const lines = parsed.ok ? [] : parsed.problems.map(fileProblemText);
    expect(lines).toHaveLength(1);
    expect(firstInvisible(lines[0] ?? '')).toBeUndefined();
  });
});

describe('a definition that was registered', () => {
  const definition = { tokenUrl: 'https://idp.example.com/token', credentials: 'crm' };

  it.each(['a right-to-left override', 'clears the screen', 'a message in tags', 'a string of 1 MB'])(
    'is refused with %s',
    (what) => {
      const row = HOSTILE_TEXTS.find((each) => each.what === what);
      const said = refusal(() => storedDefinition(row?.declaration, place));
      expect(said).toContain(`the registered definition cannot be used: ${row?.refusal}`);
    },
  );

  it('keeps the line breaks and tabs that were once allowed', () => {
    const parameters = { claims: '{\r\n\t"id_token": null\n}' };
    expect(storedDefinition({ ...definition, parameters }, place).parameters).toEqual(parameters);
  });

  it('keeps a host that was once taken as a person writes it, by the name that it is called', () => {
    const tokenUrl = 'https://b\u00fccher.example/token';
    expect(storedDefinition({ ...definition, tokenUrl }, place).tokenUrl).toBe(
      'https://xn--bcher-kva.example/token',
    );
  });
});

describe('the host of a URL', () => {
  it.each([
    'https://idp.example.com/token',
    'HTTPS://IDP.Example.Com/token',
    'https://idp.example.com',
    'https://idp.example.com:443/token?a=b',
    'https://xn--bcher-kva.example/token',
    'https://192.0.2.1/token',
    'http://[::1]:8080/token',
    'http://127.0.0.1:8080/token',
  ])('may be written as in %s', (tokenUrl) => {
    expect(connectionSchema.safeParse({ tokenUrl, credentials: 'crm' }).success).toBe(true);
    expect(asciiUrl(tokenUrl)).toBe(tokenUrl);
  });

  it.each([
    ['https://b\u00fccher.example', 'https://xn--bcher-kva.example'],
    ['https://b\u00fccher.example/', 'https://xn--bcher-kva.example/'],
    ['https://b\u00fccher.example/a?b', 'https://xn--bcher-kva.example/a?b'],
    ['no URL', 'no URL'],
    ['mailto:somebody', 'mailto:somebody'],
    ['-', '-'],
  ])('is shown as it is called: %s', (url, shown) => {
    expect(asciiUrl(url)).toBe(shown);
  });

  it.each(['issuer', 'authorizationUrl', 'deviceAuthorizationUrl', 'revocationUrl'])(
    'is judged in "%s" as well',
    (field) => {
      const value = { tokenUrl: 'https://idp.example.com/token', credentials: 'crm' };
      const said = refusal(() => parseConnection({ ...value, [field]: 'https://p\u0430ypal.com' }, 'crm'));
      expect(said).toContain(`${field}: leads to the host "xn--pypal-4ve.com"`);
    },
  );
});

it('a file of nothing but brackets is refused, however many there are', () => {
  const text = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const parsed = parseConnections(text);
  expect(parsed.ok ? [] : parsed.problems.map(fileProblemText)).toEqual([
    'connections.json:1:1 is nested more than 32 levels deep: write what is meant, and no more',
  ]);
});

describe('the number of sentences', () => {
  it('stays what a person can read', () => {
    const many = Array.from({ length: 100_000 }, () => '\u202e');
    expect(unreadableText(many)).toHaveLength(20);
  });

  it('is none for what is not text', () => {
    expect(unreadableText([null, 1, true, undefined, {}, [], 'plain'])).toEqual([]);
  });
});
