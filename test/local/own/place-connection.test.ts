import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../functions/connections/connection.ts';
import {
  type PlaceOptions,
  type Providers,
  placeConnection,
  placeText,
} from '../../../local/own/place-connection.ts';

const server = (port: number) => {
  const origin = `http://127.0.0.1:${port}`;
  return { origin, tokenUrl: `${origin}/token`, protectedUrl: `${origin}/me` };
};
const providers = { kajabi: server(1001), slashid: server(1002), rotating: server(1003) } as Providers;

const XERO = 'https://identity.xero.com';
const KAJABI = 'https://api.kajabi.com';
const place = (connection: Connection, options: Partial<PlaceOptions> = {}) =>
  placeConnection('books', connection, providers, { allowedOrigins: [], isKept: true, ...options });
const said = async (connection: Connection, options?: Partial<PlaceOptions>) =>
  placeText(await place(connection, options));
const allow = (...allowedOrigins: string[]) => ({ allowedOrigins });

const kajabi: Connection = { provider: 'kajabi', credentials: 'c' };
const xero: Connection = { provider: 'xero', credentials: 'c' };
const own = (tokenUrl: string): Connection => ({
  tokenUrl,
  credentials: 'c',
  grants: ['client_credentials'],
});

describe('whom a connection asks', () => {
  it('is the local server of its provider, in place of the real one', async () => {
    expect(await said(kajabi)).toBe(
      `books: asks http://127.0.0.1:1001 in place of ${KAJABI}, which --allow-origin would name`,
    );
    expect(await place(kajabi)).toMatchObject({
      isRemote: false,
      protectedUrl: providers.kajabi.protectedUrl,
      definition: { tokenUrl: providers.kajabi.tokenUrl },
    });
  });

  it('is the real one where that was named', async () => {
    expect(await said(kajabi, allow(KAJABI))).toBe(`books: asks ${KAJABI}`);
    const placed = await place(kajabi, allow(KAJABI));
    expect(placed).toMatchObject({ isRemote: true, definition: kajabi });
    expect(placed).not.toHaveProperty('protectedUrl');
  });

  it('is any server of this machine, without a word', async () => {
    expect(await said(own('http://127.0.0.1:9000/token'))).toBe('books: asks http://127.0.0.1:9000');
    expect(await said({ ...kajabi, tokenUrl: 'http://localhost:9000/token' })).toBe(
      'books: asks http://localhost:9000',
    );
    expect(await said({ rules: { tokenUrl: 'http://[::1]:9000/token' }, credentials: 'c' })).toBe(
      'books: asks http://[::1]:9000',
    );
  });

  it('accepts its tokens where a server of the demo issued them', async () => {
    const placed = await place(own('http://127.0.0.1:1003/token'));
    expect(placed).toMatchObject({ protectedUrl: providers.rotating.protectedUrl });
  });

  it('is nobody elsewhere who was not named', async () => {
    expect(await said(xero)).toBe(
      `books: left out: it would ask ${XERO} for tokens; --allow-origin ${XERO} lets it`,
    );
    expect(await said(xero, allow(XERO))).toBe(`books: asks ${XERO}`);
  });

  it.each<[string, Connection, string]>([
    ['a host that only looks local', own('https://127.0.0.1.example.com/'), 'https://127.0.0.1.example.com'],
    ['another port', own('https://idp.example.com:8443/'), 'https://idp.example.com:8443'],
    ['a host below', own('https://a.idp.example.com/'), 'https://a.idp.example.com'],
    [
      'a place where it refreshes',
      {
        rules: { tokenUrl: 'http://127.0.0.1:9000/token', refreshUrl: 'https://r.example.com/r' },
        credentials: 'c',
      },
      'https://r.example.com',
    ],
    ['an issuer', { issuer: 'https://issuer.example.com', credentials: 'c' }, 'https://issuer.example.com'],
  ])('is nobody at %s', async (_, connection, origin) => {
    expect(await said(connection, allow('https://idp.example.com'))).toBe(
      `books: left out: it would ask ${origin} for tokens; --allow-origin ${origin} lets it`,
    );
  });

  it('is nobody where a secret of elsewhere is needed', async () => {
    const reference = { secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:old', fields: {} };
    const why = 'books: left out: it uses a secret by its ARN';
    expect(await said({ ...kajabi, credentials: reference })).toContain(why);
    expect(await said({ ...kajabi, token: reference })).toContain(why);
  });

  it('is nobody where the declaration lacks something, which is said', async () => {
    expect(await said({ provider: 'salesforce-jwt', credentials: 'c' })).toMatch(
      /^books: left out: .*salesforce-jwt/,
    );
    expect(await said({ provider: 'auth0', credentials: 'c' })).toMatch(/^books: left out: placeholders/);
  });
});

it('a real refresh token is not begun to be spent where it would be lost at the end', async () => {
  expect(await said(xero, { ...allow(XERO), isKept: false })).toBe(
    'books: left out: the refresh token that its provider gives would be lost with this run; --data <dir> keeps it',
  );
  const plain: Connection = { ...xero, grants: ['client_credentials'] };
  expect(await said(plain, { ...allow(XERO), isKept: false })).toBe(`books: asks ${XERO}`);
});

it('signs with a key of this machine', async () => {
  const signed: Connection = {
    ...own('http://127.0.0.1:9000/token'),
    clientAuthentication: 'private_key_jwt',
    signingKey: { kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1' },
  };
  expect(await place(signed)).toMatchObject({
    definition: { signingKey: { kmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/1' } },
  });
});
