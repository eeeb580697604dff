import { describe, expect, test } from 'vitest';
import {
  type ParseOptions,
  parseConnections,
} from '../../../../functions/connections/parse/parse-connections.ts';
import { fileProblemText } from '../../../../functions/connections/parse/parse-json-file.ts';
import { canarySecret } from '../../../support/canary.ts';

const told = (text: string, options?: ParseOptions) => {
  const parsed = parseConnections(text, options);
  return parsed.ok ? [] : parsed.problems.map(fileProblemText);
};

const file = (connection: object, name = 'crm') =>
  JSON.stringify({ connections: { [name]: connection } }, null, 2);
const crm = { provider: 'kajabi', credentials: 'kajabi-main' };
const messages = (change: object) =>
  told(file({ ...crm, ...change })).map((line) =>
    line.replace(/^connections\.json:\d+:\d+ connections\.crm\.?/, ''),
  );

describe('text that is no JSON', () => {
  test.each([
    ['', '1:1 this is not JSON: the file is empty'],
    ['{"connections": {}', "1:19 this is not JSON: expected ',' or '}' after property value"],
    ['{\n  "connections": {\n', "3:1 this is not JSON: expected property name or '}'"],
    ['{\n  "connections": {},\n}', '2:20 this is not JSON: this comma is one too many: nothing follows it'],
    ['{"connections": [1,\n]}', '1:19 this is not JSON: this comma is one too many: nothing follows it'],
    ['{\n  "connections": yes\n}', "2:18 this is not JSON: unexpected token 'y'"],
    ['// mine\n{}', '1:1 this is not JSON: JSON has no comments: leave this one out'],
    ['{\n  # mine\n}', '2:3 this is not JSON: JSON has no comments: leave this one out'],
    ['{"connections": {} /* mine */}', '1:20 this is not JSON: JSON has no comments: leave this one out'],
    ["{'connections': {}}", '1:2 this is not JSON: JSON has double quotes alone'],
    ['{"connections": \'none\'}', '1:17 this is not JSON: JSON has double quotes alone'],
    ['{"connections": {}} x', '1:21 this is not JSON: unexpected non-whitespace character after JSON'],
    ['["', '1:3 this is not JSON: unterminated string'],
    ['{"a":"x\ny"}', '1:8 this is not JSON: bad control character in string literal'],
    ['[1,', '1:4 this is not JSON: unexpected end of the file'],
  ])('%j', (text, expected) => {
    expect(told(text)).toEqual([`connections.json:${expected}`]);
  });

  test('does not echo the text around the error', () => {
    expect(told(`{"connections": {"crm": ${canarySecret('bare')}}}`).join()).not.toContain('fake');
  });
});

describe('one bad field', () => {
  test('is told with file, place, path, what was expected and what was found', () => {
    const text =
      '{\n  "connections": {\n    "crm": {"provider": "kajabi", "credentials": "k", "marginSeconds": "abc"}\n  }\n}\n';
    expect(told(text, { file: 'my.json' })).toEqual([
      'my.json:3:72 connections.crm.marginSeconds: expected a positive integer, found "abc"',
    ]);
  });

  test.each([
    [{ marginSeconds: 0 }, 'marginSeconds: expected a positive integer, found 0'],
    [{ marginSeconds: 1.5 }, 'marginSeconds: expected a positive integer, found 1.5'],
    [{ marginSeconds: null }, 'marginSeconds: expected a positive integer, found null'],
    [{ readerCacheSeconds: -1 }, 'readerCacheSeconds: expected 0 or a positive integer, found -1'],
    [{ consoleRotate: 'yes' }, 'consoleRotate: expected true or false, found "yes"'],
    [
      { scope: 'a  b' },
      'scope: expected scope values in printable ASCII with one space between them, found "a  b"',
    ],
    [{ scope: '' }, 'scope: expected scope values in printable ASCII with one space between them, found ""'],
    [{ grants: [] }, 'grants: expected at least 1 item, found an empty array'],
    [{ grants: 'refresh_token' }, 'grants: expected an array, found "refresh_token"'],
    [{ provider: '' }, 'provider: expected at least 1 character, found ""'],
    [{ schema: 2 }, 'schema: expected 1, found 2'],
    [
      { clientAuthentication: 'client_secret_basik' },
      'clientAuthentication: expected one of "client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth", "none", found "client_secret_basik"; did you mean "client_secret_basic"?',
    ],
    [
      { credentials: 7 },
      'credentials: expected the name of credentials, or an object with "secretArn" and "fields", found 7',
    ],
    [
      { credentials: undefined },
      'credentials: is missing; expected the name of credentials, or an object with "secretArn" and "fields". Only a connection with "identity": "aws" needs none',
    ],
    [
      { credentials: 'Kajabi Main' },
      'credentials: the name must consist of segments joined by "/", each of a-z, 0-9, ".", "_", "-" and beginning with a letter or digit',
    ],
    [
      { credentials: { secretArn: 'nope' } },
      'credentials.secretArn: expected the ARN of a secret, found "nope"',
    ],
    [{ credentials: {} }, 'credentials.secretArn: is missing; expected a string'],
    [{ placeholders: { domain: 7 } }, 'placeholders.domain: expected a string, found 7'],
    [
      { tokenUrl: 'idp.example.com/token' },
      'tokenUrl: expected a URL that begins with https://, found "idp.example.com/token"',
    ],
  ])('%j', (change, expected) => {
    const [first, ...rest] = messages(change);
    expect(rest).toEqual([]);
    expect(first).toContain(expected);
  });
});

describe('keys', () => {
  test('an unknown one suggests the near one and lists the allowed', () => {
    const [line] = messages({ margin_seconds: 900 });
    expect(line).toMatch(
      /^margin_seconds: is no known key; did you mean "marginSeconds"\?; allowed are schema, provider, issuer, /,
    );
  });

  test('an unknown one inside a union and a record is judged by its own place', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:crm-AbCdEf';
    expect(messages({ token: { secretArn: arn, field: {} } })).toEqual([
      'token.field: is no known key; did you mean "fields"?; allowed are secretArn, keyArn, fields',
    ]);
    expect(messages({ credentials: { secretArn: arn, field: {} } })).toEqual([
      'credentials.field: is no known key; did you mean "fields"?; allowed are secretArn, keyArn, fields',
    ]);
    expect(told('{"conections": {}}')).toEqual([
      'connections.json:1:1 connections: is missing; expected an object',
      'connections.json:1:16 conections: is no known key; did you mean "connections"?; allowed are $schema, presets, connections',
    ]);
  });

  test('a name that cannot be one', () => {
    expect(told(file(crm, 'CRM'))).toEqual([
      'connections.json:3:12 connections.CRM: as a key: the name must consist of segments joined by "/", each of a-z, 0-9, ".", "_", "-" and beginning with a letter or digit',
    ]);
    expect(told(file(crm, 'crm-master'))[0]).toContain('Secrets Manager would confuse');
  });

  test('the same name twice, of which JSON.parse would silently keep one', () => {
    const one = JSON.stringify(crm);
    expect(told(`{"connections": {\n"crm": ${one},\n"crm": ${one}}}`)).toEqual([
      'connections.json:3:1 connections.crm: stands here a second time; it is at line 2 already',
    ]);
  });

  test('"__proto__" is refused, where zod would leave it out in silence', () => {
    expect(told(`{"connections": {"__proto__": ${JSON.stringify(crm)}}}`)).toEqual([
      'connections.json:1:18 connections.__proto__: cannot be a key',
    ]);
  });

  test('names with a slash are quoted in paths', () => {
    expect(told(file({ ...crm, adopt: 1 }, 'books/acme'))).toEqual([
      'connections.json:6:16 connections["books/acme"].adopt: expected true or false, found 1',
    ]);
  });
});

describe('values that must not be seen', () => {
  test('are not echoed from parameters', () => {
    const parameters = { audience: { nested: canarySecret('nested') }, api_key: 7 };
    const lines = messages({ parameters }).join('\n');
    expect(lines).toContain('parameters.audience');
    expect(lines).not.toContain('fake');
    expect(lines).not.toContain('7');
  });

  test('are refused as parameters by name, with the place where they belong', () => {
    expect(messages({ parameters: { client_secret: canarySecret('client') } })).toEqual([
      'parameters.client_secret: must not stand here: it belongs in the secret of the credentials, where nobody else sees it',
    ]);
  });

  test('long values are cut', () => {
    const [line] = messages({ clientAuthentication: 'x'.repeat(500) });
    expect(line?.length).toBeLessThan(260);
  });
});

test('every problem is told, not only the first', () => {
  expect(messages({ marginSeconds: 'abc', adopt: 1, grants: [] })).toHaveLength(3);
});

describe('providers', () => {
  const providers = ['kajabi', 'slashid', 'salesforce'];

  test('an unknown one suggests the near one', () => {
    expect(told(file({ ...crm, provider: 'kajaby' }), { providers })).toEqual([
      'connections.json:4:19 connections.crm.provider: there is no preset "kajaby"; did you mean "kajabi"?',
    ]);
  });

  test('one that resembles none says what to do', () => {
    expect(told(file({ ...crm, provider: 'acme' }), { providers })[0]).toContain(
      'use one of the presets, or "tokenUrl"',
    );
  });
});

describe('secrets that two connections would fight over', () => {
  const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;
  const two = (one: object, other: object) =>
    JSON.stringify({ connections: { one: { ...crm, ...one }, other: { ...crm, ...other } } });

  test('two tokens in one secret', () => {
    const token = { secretArn: arn('shared-AbCdEf') };
    expect(told(two({ token }, { token }))[0]).toContain(
      'connections.other.token.secretArn: "one" publishes its token there: each needs a secret of its own',
    );
  });

  test('a token over the credentials of another, also when the ARN leaves out the suffix', () => {
    const lines = told(
      two({ token: { secretArn: arn('app') } }, { credentials: { secretArn: arn('app-AbCdEf') } }),
    );
    expect(lines[0]).toContain('connections.one.token.secretArn: holds the credentials of "other"');
  });

  test('shared credentials are fine', () => {
    const credentials = { secretArn: arn('app-AbCdEf') };
    expect(told(two({ credentials }, { credentials }))).toEqual([]);
  });
});

test('reads the example of the documentation', () => {
  const text = `\uFEFF{"$schema": "./connections.schema.json",
    "connections": {
      "crm": {"provider": "kajabi", "credentials": "kajabi-main"},
      "books/acme": {"provider": "xero", "credentials": "xero-app", "grants": ["refresh_token"], "scope": "offline_access accounting.transactions"},
      "orders": {"tokenUrl": "https://idp.example.com/oauth2/token", "credentials": "orders", "grants": ["client_credentials"],
        "clientAuthentication": "client_secret_basic", "parameters": {"audience": "https://api.example.com"},
        "defaultLifetimeSeconds": 3600, "marginSeconds": 900, "readerCacheSeconds": 300},
      "legacy": {"provider": "salesforce", "placeholders": {"domain": "acme"},
        "credentials": {"secretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:legacy-AbCdEf", "fields": {"client_id": "clientId", "client_secret": "clientSecret"}},
        "token": {"secretArn": "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:legacy-token-AbCdEf", "fields": {"access_token": "token"}}}}}`;
  const parsed = parseConnections(text, { providers: ['kajabi', 'xero', 'salesforce'] });
  expect(parsed.ok && [...parsed.connections.keys()]).toEqual(['crm', 'books/acme', 'orders', 'legacy']);
});

describe('keys beside the connections', () => {
  const text = '{"connections": {}, "refreshTokens": {}}';

  test('are refused', () => {
    expect(parseConnections(text)).toMatchObject({ ok: false, problems: [{ path: ['refreshTokens'] }] });
  });

  test('are left to whoever reads them, where that is said', () => {
    expect(parseConnections(text, { besides: ['refreshTokens'] })).toMatchObject({ ok: true });
    expect(parseConnections('[]', { besides: ['refreshTokens'] })).toMatchObject({ ok: false });
  });
});

test('nobody says in a file who declared a connection', () => {
  const text = '{"connections": {"crm": {"provider": "kajabi", "credentials": "x", "declaredBy": "cli"}}}';
  expect(parseConnections(text)).toMatchObject({
    ok: false,
    problems: [{ path: ['connections', 'crm', 'declaredBy'] }],
  });
});
