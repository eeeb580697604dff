import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseCredentials } from '../../../../functions/aws/secrets/parse-credentials.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { assertNoCanary, canarySecret } from '../../../support/canary.ts';
import { testCertificate } from '../../../support/certificate.ts';

const WHERE = 'evertoken/credentials/crm';
const SECRET = canarySecret('stored');
const PLAIN = { client_id: 'id', client_secret: SECRET };
const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const { cert: CERT } = testCertificate('client.example');
/** PEM in lines of 64, as RFC 7468 has it. */
const wrapped = (pem: string) =>
  pem.replace(/\n(.+)\n/, (_, body: string) => `\n${body.match(/.{1,64}/g)?.join('\n')}\n`);

type Format = Parameters<typeof parseCredentials>[2];
const textOf = (stored: unknown) => (typeof stored === 'string' ? stored : JSON.stringify(stored));

function read(stored: unknown, format?: Format): Record<string, unknown> {
  const credentials = parseCredentials(new Secret(textOf(stored)), WHERE, format);
  return revealed(credentials);
}

/** With the fields of presets as they are, too. */
function revealed(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      value instanceof Secret ? value.reveal() : key === 'fields' ? revealed(value) : value,
    ]),
  );
}

function refusal(stored: unknown, format?: Format) {
  try {
    parseCredentials(new Secret(textOf(stored)), WHERE, format);
  } catch (error) {
    return error as { kind: string; code: string; message: string };
  }
  throw new Error('nothing was thrown');
}

describe('is read', () => {
  it.each<[string, unknown, Record<string, unknown>]>([
    ['plain JSON', PLAIN, PLAIN],
    ['white space around the JSON', `\n  ${JSON.stringify(PLAIN)}\r\n`, PLAIN],
    ['a byte-order mark before it', `\uFEFF${JSON.stringify(PLAIN)}`, PLAIN],
    ['JSON inside a JSON string', JSON.stringify(JSON.stringify(PLAIN)), PLAIN],
    ['white space around the id', { ...PLAIN, client_id: '\u00a0 id\n' }, PLAIN],
    ['line breaks and tabs around the secret', { ...PLAIN, client_secret: `\n${SECRET}\t\r\n` }, PLAIN],
    [
      'a space at the end of the secret, which may be meant',
      { ...PLAIN, client_secret: `${SECRET} ` },
      { ...PLAIN, client_secret: `${SECRET} ` },
    ],
    [
      'a line break after user name and password',
      { username: 'me \n', password: `\t${SECRET}\r\n`, key_id: ' kid ' },
      { username: 'me ', password: `\t${SECRET}`, key_id: 'kid' },
    ],
    ['a schema that is a string', { schema: '1', ...PLAIN }, PLAIN],
    ['clientId and clientSecret', { clientId: 'id', clientSecret: SECRET }, PLAIN],
    ['ClientID and CLIENT_SECRET', { ClientID: 'id', CLIENT_SECRET: SECRET }, PLAIN],
    ['client-id and "Client Secret"', { 'client-id': 'id', 'Client Secret': SECRET }, PLAIN],
    ['consumer_key and consumerSecret', { consumer_key: 'id', consumerSecret: SECRET }, PLAIN],
    ['two other names that agree', { clientId: 'id', consumerKey: ' id', client_secret: SECRET }, PLAIN],
    [
      'another name beside the exact one, which counts',
      { ...PLAIN, clientId: 'other' },
      { ...PLAIN, fields: { clientId: 'other' }, unread: ['clientId'] },
    ],
    [
      'another name beside an exact one that is empty',
      { ...PLAIN, client_id: '', clientId: 'other' },
      { client_secret: SECRET, fields: { clientId: 'other' }, unread: ['clientId'] },
    ],
    ['the same name twice: the last counts', `{"client_id": "old", "client_id": "id"}`, { client_id: 'id' }],
    [
      'empty values: as if they were not there',
      { ...PLAIN, password: '', username: null, key_id: ' ' },
      PLAIN,
    ],
    ['nothing at all, as for a provider that wants no client', {}, {}],
    [
      'a name that is not certain',
      { client_id: 'id', secret: SECRET },
      { client_id: 'id', fields: { secret: SECRET }, unread: ['secret'] },
    ],
    [
      'what a preset may name: texts by their own names, and whole numbers',
      {
        ...PLAIN,
        account_id: '\tacc-1\n',
        installation_id: 42,
        list: ['x'],
        on: true,
        odd: 1.5,
        'a.b': 'x',
        no: ' ',
      },
      {
        ...PLAIN,
        fields: { account_id: 'acc-1', installation_id: '42' },
        unread: ['account_id', 'installation_id', 'list', 'on', 'odd', 'a.b'],
      },
    ],
    [
      'such a field alone, since a grant may need no other',
      { subject_token: SECRET },
      { fields: { subject_token: SECRET }, unread: ['subject_token'] },
    ],
    [
      'a certificate in PEM, whose line breaks became spaces, and a chain of them',
      { certificate: `${CERT}${CERT}`.replaceAll('\n', ' ') },
      { certificate: `${wrapped(CERT)}${wrapped(CERT)}` },
    ],
    ['a certificate with its line breaks', { Certificate: CERT }, { certificate: CERT }],
    [
      'a certificate that is not PEM alone',
      { certificate: `x ${CERT.replaceAll('\n', ' ')}` },
      { certificate: `x ${CERT.replaceAll('\n', ' ')}` },
    ],
    [
      'names that may be values, without showing them',
      { ...PLAIN, [SECRET.padEnd(40, 'x')]: 'a', '8f14e45fceea167a': 'b', 'x\u202e\u001b[2J': 'c' },
      { ...PLAIN, unread: ['…', '…', '…'] },
    ],
    ['a key in PEM with its line breaks', { private_key: PEM }, { private_key: PEM }],
    [
      'a key whose line breaks became spaces',
      { private_key: PEM.replaceAll('\n', ' ') },
      { private_key: PEM },
    ],
    [
      'a key whose line breaks were escaped twice',
      { private_key: PEM.replaceAll('\n', '\\n') },
      { private_key: PEM },
    ],
    [
      'a JWK as it is',
      { privateKey: { kty: 'EC', d: SECRET } },
      { private_key: JSON.stringify({ kty: 'EC', d: SECRET }) },
    ],
  ])('%s', (_, stored, credentials) => {
    expect(read(stored)).toEqual(credentials);
  });
});

describe('is refused, by name and without a value', () => {
  const expected = 'expected JSON with client_id and client_secret';

  it.each<[string, unknown, string]>([
    ['a plain string', SECRET, `the secret is a plain string; ${expected}`],
    ['a string in quotes', JSON.stringify(SECRET), `the secret is a plain string; ${expected}`],
    [
      'lines of name=value',
      `client_id=id\nclient_secret=${SECRET}`,
      `the secret is a plain string; ${expected}`,
    ],
    ['white space alone', ' \n', `the secret is empty; ${expected}`],
    ['an array', [PLAIN], `the secret is a JSON array; ${expected}`],
    ['a number', '12345', `the secret is a number; ${expected}`],
    [
      'a number beyond what JavaScript counts',
      '12345678901234567890123',
      `the secret is a number; ${expected}`,
    ],
    ['a boolean', 'true', `the secret is a boolean; ${expected}`],
    ['null', 'null', `the secret is null; ${expected}`],
    ['JSON that breaks off', `{"client_secret": "${SECRET}`, `the secret is no valid JSON; ${expected}`],
    ['single quotes', `{'client_secret': '${SECRET}'}`, `the secret is no valid JSON; ${expected}`],
    [
      'a raw line break in a value',
      `{"client_secret": "${SECRET}\n"}`,
      `the secret is JSON with a raw line break or tab inside a string, where \\n or \\t must stand; ${expected}`,
    ],
    [
      'other names alone',
      { 'app key': SECRET, 'app.secret': SECRET },
      'the secret has no credentials: found "app key" and "app.secret"; expected "client_id" and "client_secret"',
    ],
    [
      'the whole JSON under one name',
      { kajabi: JSON.stringify(PLAIN) },
      'the secret has no credentials: found "kajabi"; expected "client_id" and "client_secret"',
    ],
    [
      'two other names that disagree',
      { clientId: SECRET, consumer_key: 'b', client_secret: SECRET },
      'the secret has "clientId" and "consumer_key" with different values, and no "client_id"; keep the one that counts, as "client_id"',
    ],
    ['a number for a string', { client_id: 12345 }, '"client_id" must be a string'],
    ['an object for a string', { clientSecret: { value: SECRET } }, '"clientSecret" must be a string'],
  ])('%s', (_, stored, message) => {
    const error = refusal(stored);
    expect(error).toMatchObject({
      kind: 'malformed',
      code: 'MalformedCredentials',
      message: `${WHERE}: ${message}`,
    });
    assertNoCanary(error.message, 'the message');
  });

  it.each([2, '2'])('a newer schema, %j, which asks for an update', (schema) => {
    expect(refusal({ ...PLAIN, schema })).toMatchObject({
      code: 'NewerSchema',
      message: `${WHERE} has schema 2, and this version of Evertoken knows 1: update it`,
    });
  });
});

describe('a secret of someone else’s', () => {
  const names = { client_id: 'user', client_secret: 'constructor' };

  it('is read by the names that were given, whatever its schema', () => {
    const stored = { user: 'id', constructor: SECRET, clientId: 'other', schema: 'public' };
    expect(read(stored, { names, isForeign: true })).toEqual({
      ...PLAIN,
      fields: { clientId: 'other' },
      unread: ['clientId'],
    });
  });

  it('has nothing where a name that was given is not there', () => {
    expect(read({ user: 'id', client_secret: SECRET }, { names, isForeign: true })).toEqual({
      client_id: 'id',
      unread: ['client_secret'],
    });
  });

  it('may call what a preset names by another name too', () => {
    const more = { subject: 'mailbox', missing: 'nowhere', 'no name': 'mailbox' };
    const stored = { user: 'id', constructor: SECRET, mailbox: 'me@example.com', region: 'eu' };
    expect(read(stored, { names: { ...names, ...more }, isForeign: true })).toMatchObject({
      fields: { subject: 'me@example.com', region: 'eu' },
    });
  });
});
