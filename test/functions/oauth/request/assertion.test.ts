import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { assertionRulesSchema } from '../../../../functions/oauth/assertion-rules.ts';
import type { Credentials } from '../../../../functions/oauth/credentials.ts';
import { requestRulesSchema } from '../../../../functions/oauth/endpoint-rules.ts';
import {
  assertionFor,
  CLIENT_ASSERTION,
  carriesScope,
  clientAssertionFor,
} from '../../../../functions/oauth/request/assertion.ts';
import { RequestMaterial } from '../../../../functions/oauth/request/request-material.ts';
import type { Signer } from '../../../../functions/oauth/request/signer.ts';
import { canarySecret } from '../../../support/canary.ts';
import { KEYS } from '../../../support/signing-keys.ts';
import { fakeSecret, tokenErrorOf } from '../../../support/token-input.ts';

const NOW = 1_700_000_000_900;
const SECOND = 1_700_000_000;
const tokenUrl = 'https://idp.example.com/token';
type Written = z.input<typeof assertionRulesSchema>;

function material(credentials: Credentials = {}, scope?: string, signer?: Signer) {
  const input = {
    tokenUrl,
    request: requestRulesSchema.parse({}),
    credentials: { client_id: 'client-1', private_key: KEYS.p256.pem, ...credentials },
    ...(signer && { signingKey: { kmsKeyArn: 'arn:key' } }),
  };
  return new RequestMaterial(
    input,
    { now: () => NOW, uuid: () => 'uuid-1', ...(signer && { signer: () => signer }) },
    scope,
  );
}

async function jwt(rules: Written, of = material()) {
  const text = (await of.assertion(assertionRulesSchema.parse(rules))).reveal();
  return { header: decodeProtectedHeader(text), claims: decodeJwt(text) };
}

it('is the schema’s of a client where nobody says more', () => {
  expect(CLIENT_ASSERTION).toStrictEqual(assertionRulesSchema.parse({ use: 'client' }));
});

describe('the claims of an assertion', () => {
  it('are RFC 7523’s of a client where nothing is said', async () => {
    expect((await jwt({ use: 'client' })).claims).toEqual({
      iss: 'client-1',
      sub: 'client-1',
      aud: tokenUrl,
      jti: 'uuid-1',
      iat: SECOND,
      exp: SECOND + 60,
    });
  });

  it.each(['grant', 'bearer', 'token'] as const)(
    'name no subject for %s, which is another’s',
    async (use) => {
      expect((await jwt({ use })).claims).not.toHaveProperty('sub');
    },
  );

  it('are what the rules say: texts, lists, numbers, truths, and what is left out', async () => {
    const credentials = { fields: { subject: fakeSecret('subject') } };
    const claims = {
      sub: '{credential.subject}',
      aud: ['{tokenHost}', 'https://second.example'],
      box_sub_type: 'enterprise',
      version: 2,
      admin: false,
      iss: null,
      iat: null,
    };
    expect((await jwt({ use: 'grant', jti: false, claims }, material(credentials))).claims).toEqual({
      sub: canarySecret('subject'),
      aud: ['idp.example.com', 'https://second.example'],
      box_sub_type: 'enterprise',
      version: 2,
      admin: false,
      exp: SECOND + 60,
    });
  });

  it('begin as long ago as the rules say, and end a lifetime after that', async () => {
    const { claims } = await jwt({ use: 'bearer', backdatedSeconds: 60, lifetimeSeconds: 600 });
    expect(claims).toMatchObject({ iat: SECOND - 60, exp: SECOND + 540 });
  });

  it('cannot have ended before they are sent', () => {
    const rules = { use: 'bearer', backdatedSeconds: 60, lifetimeSeconds: 60 };
    expect(assertionRulesSchema.safeParse(rules).error?.issues).toEqual([
      expect.objectContaining({
        path: ['backdatedSeconds'],
        message: 'must be less than lifetimeSeconds: the assertion would have ended before it is sent',
      }),
    ]);
    expect(assertionRulesSchema.safeParse({ ...rules, lifetimeSeconds: 61 }).success).toBe(true);
  });

  it('hold the scope as the provider writes it, and none where none is asked for', async () => {
    const rules = { use: 'grant', claims: { scope: '{scope}' } } as const;
    expect((await jwt(rules, material({}, 'a,b'))).claims['scope']).toBe('a,b');
    expect((await jwt(rules)).claims).not.toHaveProperty('scope');
  });

  it('need a client_id only where one of them is to say it', async () => {
    const nobody = material({ client_id: '' });
    expect((await jwt({ use: 'grant', claims: { iss: 'said' } }, nobody)).claims).toMatchObject({
      iss: 'said',
    });
    const error = await tokenErrorOf(() => jwt({ use: 'grant', claims: { sub: 'said' } }, nobody));
    expect(error).toMatchObject({ kind: 'configuration', code: 'missing_client_id' });
    expect(error.message).toContain('the claim "iss" of the assertion needs it');
  });
});

describe('the header of an assertion', () => {
  const KMS: Signer = { keyId: 'of-the-signer', sign: async () => new Uint8Array(1) };

  it.each([
    ['the rules', { header: { kid: '{credential.private_key_id}' } }, { key_id: 'stored' }, 'private'],
    ['the credentials', {}, { key_id: 'stored' }, 'stored'],
    ['whoever signs', {}, {}, 'of-the-signer'],
  ])('names the key as %s do', async (_, rules, credentials, kid) => {
    const stored = { ...credentials, fields: { private_key_id: fakeSecret('x') } };
    const { header } = await jwt({ use: 'client', ...rules }, material(stored, undefined, KMS));
    expect(header.kid).toBe(kid === 'private' ? canarySecret('x') : kid);
  });

  it('has what the rules add, after the algorithm and the key', async () => {
    const { header } = await jwt({ use: 'client', header: { typ: 'JWT' } }, material({ key_id: 'k' }));
    expect(JSON.stringify(header)).toBe('{"alg":"ES256","kid":"k","typ":"JWT"}');
  });
});

describe('which assertion', () => {
  const rules = (given: object) => requestRulesSchema.parse(given);
  const grant = { use: 'grant' } as const;
  const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

  it.each([
    ['grant', JWT_BEARER, true],
    ['grant', 'vendor_assertion', true],
    ['grant', 'refresh_token', false],
    ['grant', 'client_credentials', false],
    ['bearer', 'client_credentials', true],
    ['bearer', 'refresh_token', true],
    ['client', 'refresh_token', true],
    ['token', 'self_signed', true],
    ['token', 'client_credentials', false],
  ] as const)('that is for %s is signed for %s: %s', (use, grantType, isSigned) => {
    expect(assertionFor(grantType, rules({ assertion: { use } })) !== undefined).toBe(isSigned);
  });

  it('is the one of the grant type, before the one of all', () => {
    const of = rules({
      assertion: { use: 'client' },
      assertionByGrant: { refresh_token: { use: 'bearer' }, client_credentials: grant },
    });
    expect(assertionFor('refresh_token', of)?.use).toBe('bearer');
    expect(assertionFor('client_credentials', of)?.use).toBe('grant');
    expect(assertionFor('password', of)?.use).toBe('client');
    expect(assertionFor('constructor', of)?.use).toBe('client');
  });

  it('authenticates the client is that of its rules, wherever they stand, else RFC 7523’s', () => {
    const client = { use: 'client', lifetimeSeconds: 300 } as const;
    const lifetime = (grantType: string | undefined, given: object) =>
      clientAssertionFor(grantType, rules(given)).lifetimeSeconds;
    expect(lifetime('password', { assertion: client })).toBe(300);
    expect(lifetime('password', { assertionByGrant: { password: client } })).toBe(300);
    expect(lifetime('password', { assertion: client, assertionByGrant: { password: grant } })).toBe(300);
    expect(lifetime(undefined, { assertionByGrant: { password: client } })).toBe(300);
    expect(lifetime('refresh_token', { assertionByGrant: { password: client } })).toBe(60);
    expect(lifetime(JWT_BEARER, { assertion: { ...grant, lifetimeSeconds: 300 } })).toBe(60);
  });

  it.each([
    [{ scope: '{scope}' }, true],
    [{ permissions: ['read', '{scope}'] }, true],
    [{ scope: 'fixed', sub: '{=scope}' }, false],
  ])('carries the scope: %j, %s', (claims, carries) => {
    expect(carriesScope(assertionRulesSchema.parse({ ...grant, claims }))).toBe(carries);
  });
});
