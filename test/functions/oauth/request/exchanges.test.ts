import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type IdentityRules, identityRulesSchema } from '../../../../functions/oauth/assertion-rules.ts';
import {
  JWT_BEARER,
  SAML2_BEARER,
  SELF_SIGNED,
  TOKEN_EXCHANGE,
} from '../../../../functions/oauth/grant-type.ts';
import { selfIssuedToken } from '../../../../functions/oauth/request/self-issued-token.ts';
import {
  buildTokenRequest,
  type TokenRequestInput,
} from '../../../../functions/oauth/request/token-request.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { KEYS } from '../../../support/signing-keys.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';
import { AT, basic, client, FORM, type Input, NOW } from './support/exchange.ts';
import { PLAIN_EXCHANGES } from './support/plain-exchanges.ts';
import { SIGNED_EXCHANGES } from './support/signed-exchanges.ts';

const context = {
  now: () => NOW,
  uuid: () => 'uuid-1',
  identityToken: async (rules: IdentityRules) => new Secret(`aws-token-for.${rules.audience}`),
};

const decoded = (part = '') => Buffer.from(part, 'base64url').toString();

/** The request as it goes out, with `{assertion}` where the JWT stands, and what that one says, byte for byte. */
async function sent(input: Input) {
  const request = await buildTokenRequest(tokenInput(input) as TokenRequestInput, context);
  const { accept, 'user-agent': agent, 'content-type': type, ...headers } = request.headers;
  expect(accept).toBe('application/json');
  expect(agent).toMatch(/^evertoken\//);
  const revealed = Object.entries(headers).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  const body = request.body?.reveal() ?? '';
  const text = `${body} ${JSON.stringify(revealed)}`;
  const jwt = /(?:assertion=|Bearer )(eyJ[\w-]+\.[\w-]+\.[\w-]+)/.exec(text)?.[1] ?? '';
  const [header, claims] = jwt.split('.');
  const shown = (value: unknown) => (jwt === '' ? value : String(value).replace(jwt, '{assertion}'));
  return {
    line: `${request.method} ${request.url.reveal()}`,
    type,
    headers: Object.fromEntries(revealed.map(([name, value]) => [name, shown(value)])),
    body: shown(body),
    header: decoded(header),
    claims: decoded(claims),
  };
}

describe('the exchange of', () => {
  it.each([...SIGNED_EXCHANGES, ...PLAIN_EXCHANGES])(
    '$name is what it documents',
    async ({ input, body, headers = {}, type = FORM, jwt }) => {
      expect(await sent(input)).toEqual({
        line: `POST ${input.tokenUrl}`,
        type: type ?? undefined,
        headers,
        body,
        header: jwt === undefined ? '' : JSON.stringify(jwt.header),
        claims: jwt === undefined ? '' : JSON.stringify(jwt.claims),
      });
    },
  );

  it('a header that carries the assertion takes the place of Authorization', async () => {
    const { headers } = await sent({
      credentials: { client_id: 'c', private_key: KEYS.rsa.pem },
      request: {
        assertion: { use: 'bearer' },
        bodyFormat: 'none',
        headers: { 'x-proof': 'Bearer {assertion}' },
      },
    });
    expect(headers).toEqual({ 'x-proof': 'Bearer {assertion}' });
  });
});

describe('a token that nobody is asked for', () => {
  const issue = (input: Input) =>
    selfIssuedToken(tokenInput({ tokenUrl: '', ...input }) as TokenRequestInput, context);

  it('Snowflake’s names its key by a thumbprint', async () => {
    const spki = KEYS.rsa.publicKey.export({ type: 'spki', format: 'der' });
    const token = await issue({
      grantType: SELF_SIGNED,
      credentials: { username: 'ACME.ROBOT', private_key: KEYS.rsa.pem },
      request: {
        assertion: {
          use: 'token',
          algorithms: ['RS256'],
          lifetimeSeconds: 3540,
          jti: false,
          claims: { iss: '{credential.username}.SHA256:{key.sha256}', sub: '{credential.username}' },
        },
      },
    });
    const [header, claims] = token.access_token?.reveal().split('.') ?? [];
    expect(decoded(header)).toBe('{"alg":"RS256"}');
    expect(JSON.parse(decoded(claims))).toEqual({
      iss: `ACME.ROBOT.SHA256:${createHash('sha256').update(spki).digest('base64')}`,
      sub: 'ACME.ROBOT',
      iat: AT,
      exp: AT + 3540,
    });
    expect(token).toMatchObject({ token_type: 'Bearer', expiresInSeconds: 3540, extras: {} });
  });

  it('App Store Connect’s ends where its JWT does, counted from now', async () => {
    const token = await issue({
      grantType: SELF_SIGNED,
      credentials: {
        key_id: '2X9R4HXF34',
        private_key: KEYS.p256.pem,
        fields: { issuer_id: new Secret('team-1') },
      },
      request: {
        assertion: {
          use: 'token',
          lifetimeSeconds: 1200,
          backdatedSeconds: 20,
          header: { typ: 'JWT' },
          claims: { iss: '{credential.issuer_id}', aud: 'appstoreconnect-v1' },
          jti: false,
        },
      },
    });
    const [header, claims] = token.access_token?.reveal().split('.') ?? [];
    expect(decoded(header)).toBe('{"alg":"ES256","kid":"2X9R4HXF34","typ":"JWT"}');
    expect(JSON.parse(decoded(claims))).toEqual({
      iss: 'team-1',
      aud: 'appstoreconnect-v1',
      iat: AT - 20,
      exp: AT + 1180,
    });
    expect(token.expiresInSeconds).toBe(1180);
  });

  it('may be what AWS says of the role, with the end that it has', async () => {
    const jwt = `e30.${Buffer.from(JSON.stringify({ exp: AT + 300.5 })).toString('base64url')}.x`;
    const identity = identityRulesSchema.parse({ use: 'token', audience: 'db' });
    const input = tokenInput({ tokenUrl: '', grantType: SELF_SIGNED, credentials: {}, identity });
    const given = { ...context, now: () => NOW + 1, identityToken: async () => new Secret(jwt) };
    expect(await selfIssuedToken(input, given)).toMatchObject({
      token_type: 'Bearer',
      expiresInSeconds: 299,
    });
    const opaque = { ...context, identityToken: async () => fakeSecret('opaque') };
    expect(await selfIssuedToken(input, opaque)).not.toHaveProperty('expiresInSeconds');
  });

  it('is refused where nothing says what it is', async () => {
    const error = await tokenErrorOf(() => issue({ grantType: SELF_SIGNED, credentials: {} }));
    expect(error).toMatchObject({ kind: 'configuration', code: 'missing_assertion' });
  });
});

describe('a proof that is the grant', () => {
  it.each([
    [JWT_BEARER, 'missing_assertion'],
    [SAML2_BEARER, 'missing_assertion'],
    [TOKEN_EXCHANGE, 'missing_subject_token'],
  ])('must be there: %s, %s', async (grantType, code) => {
    const error = await tokenErrorOf(() => sent({ grantType, credentials: client }));
    expect(error).toMatchObject({ kind: 'configuration', code });
  });

  it('may be declared as a parameter like any other', async () => {
    const credentials = { ...client, fields: { ready: new Secret('ready.made') } };
    for (const [grantType, name] of [
      [JWT_BEARER, 'assertion'],
      [SAML2_BEARER, 'assertion'],
      [TOKEN_EXCHANGE, 'subject_token'],
    ] as const) {
      const request = { parametersByGrant: { [grantType]: { [name]: '{credential.ready}' } } };
      const { body } = await sent({ grantType, credentials, request });
      expect(new URLSearchParams(String(body)).get(name)).toBe('ready.made');
    }
  });

  it('beside other credentials leaves the client’s own authentication as it is', async () => {
    const identity = identityRulesSchema.parse({ use: 'subject', audience: 'api' });
    const { headers } = await sent({ grantType: TOKEN_EXCHANGE, credentials: client, identity });
    expect(headers).toEqual({ authorization: basic() });
  });
});
