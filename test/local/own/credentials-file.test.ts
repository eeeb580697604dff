import { describe, expect, it } from 'vitest';
import { WrongUsage } from '../../../cli/command-failed.ts';
import type { Connection } from '../../../functions/connections/connection.ts';
import { Secret } from '../../../functions/oauth/secret.ts';
import { readCredentialsFile } from '../../../local/own/credentials-file.ts';
import { CANARY, canarySecret } from '../../support/canary.ts';

const connections = new Map<string, Connection>([
  ['crm', { provider: 'kajabi', credentials: 'kajabi-main' }],
  ['books/acme', { provider: 'xero', credentials: 'xero' }],
]);
const read = (content: unknown) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return readCredentialsFile(new Secret(text), 'secrets.json', connections);
};

it('has credentials by name and refresh tokens by connection', () => {
  const client_secret = canarySecret('client');
  const { credentials, refreshTokens } = read({
    credentials: {
      xero: { clientId: 'id', client_secret, allowed_token_origins: ['https://idp.example.com'] },
    },
    refreshTokens: { 'books/acme': canarySecret('refresh') },
  });
  expect(JSON.parse(credentials.get('xero')?.reveal() ?? '')).toEqual({
    schema: 1,
    client_id: 'id',
    client_secret,
    allowed_token_origins: ['https://idp.example.com'],
  });
  expect(refreshTokens.get('books/acme')?.refresh_token.reveal()).toBe(canarySecret('refresh'));
  expect(JSON.stringify([...credentials, ...refreshTokens])).not.toContain(CANARY);
});

describe('is refused, with words that repeat nothing of it, when', () => {
  const secret = canarySecret('in-file');
  it.each<[string, unknown, string]>([
    [
      'it is not JSON',
      `{"credentials": ${secret}`,
      'secrets.json is no valid JSON; expected an object such as {"credentials"',
    ],
    ['it is something else', [secret], 'secrets.json is a JSON array; expected an object such as'],
    [
      'it is a secret by itself',
      { client_id: 'id', client_secret: secret },
      'secrets.json: it has a key beside credentials and refreshTokens; expected an object such as',
    ],
    [
      'credentials are a list',
      { credentials: [secret] },
      'secrets.json: credentials: expected an object such as',
    ],
    [
      'credentials are a text',
      { credentials: { xero: secret } },
      'secrets.json: credentials["xero"]: expected an object such as {"client_id"',
    ],
    [
      'a field is misspelt',
      { credentials: { xero: { client_secrt: secret } } },
      'secrets.json: credentials["xero"]: "client_secrt" is no field of credentials; did you mean "client_secret"?',
    ],
    [
      'a field is empty',
      { credentials: { xero: { client_id: 'id', client_secret: '' } } },
      'secrets.json: credentials["xero"]: "client_secret" must be a string that is not empty',
    ],
    [
      'no connection has such credentials',
      { credentials: { xer: { client_id: secret } } },
      'secrets.json: credentials: there is no connection that uses credentials "xer"; did you mean "xero"?',
    ],
    [
      'there is no such connection',
      { refreshTokens: { 'books/acne': secret } },
      'secrets.json: refreshTokens: there is no connection "books/acne"; did you mean "books/acme"?',
    ],
    [
      'a refresh token is none',
      { refreshTokens: { crm: `${secret} ${secret}` } },
      'secrets.json: refreshTokens["crm"]: what is there is no refresh token',
    ],
  ])('%s', (_, content, message) => {
    expect(() => read(content)).toThrow(WrongUsage);
    expect(() => read(content)).toThrow(message);
    try {
      read(content);
    } catch (error) {
      expect(String(error)).not.toContain(CANARY);
    }
  });
});
