import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, exportJWK, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { type AssertionRules, assertionRulesSchema } from '../../../../functions/oauth/assertion-rules.ts';
import {
  buildTokenRequest,
  type TokenRequestInput,
} from '../../../../functions/oauth/request/token-request.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { canarySecret } from '../../../support/canary.ts';
import { fakeSecret, tokenErrorOf, tokenInput } from '../../../support/token-input.ts';

/** Rules for what a client signs, also ones that no schema would let pass. */
const assertion = (rules: object) =>
  ({ ...assertionRulesSchema.parse({ use: 'client' }), ...rules }) as AssertionRules;

const NOW = 1_700_000_000_000;
const context = { now: () => NOW, uuid: () => 'jti-1' };
const build = (input: TokenRequestInput) => buildTokenRequest(input, context);

async function sent(input: TokenRequestInput) {
  const { headers, body } = await build(input);
  const { authorization } = headers;
  const value = authorization instanceof Secret ? authorization.reveal() : undefined;
  return {
    basic: value && Buffer.from(value.replace(/^Basic /, ''), 'base64').toString('utf8'),
    form: new URLSearchParams(body?.reveal()),
  };
}

describe('client_secret_basic', () => {
  const credentials = { client_id: 'id:é-1._~', client_secret: new Secret('a b+c:%&=/é') };

  it('form-encodes both parts, as RFC 6749 section 2.3.1 says, and sends neither in the body', async () => {
    const { basic, form } = await sent(tokenInput({ credentials }));
    expect(basic).toBe('id%3A%C3%A9-1._%7E:a+b%2Bc%3A%25%26%3D%2F%C3%A9');
    expect([...form.keys()]).toEqual(['grant_type']);
  });

  it('leaves both as they are for servers that do not decode', async () => {
    const request = { basicEncoding: 'raw' } as const;
    const raw = { ...credentials, client_id: 'id-1' };
    expect((await sent(tokenInput({ credentials: raw, request }))).basic).toBe('id-1:a b+c:%&=/é');
  });

  it('refuses a client_id with a colon where it cannot be encoded', async () => {
    const error = await tokenErrorOf(() =>
      build(tokenInput({ credentials, request: { basicEncoding: 'raw' } })),
    );
    expect(error).toMatchObject({ kind: 'configuration', code: 'invalid_client_id' });
  });

  it('writes ordinary ids and secrets the same in both encodings', async () => {
    const ordinary = { client_id: 'a1b2-c3.d4_e5', client_secret: fakeSecret('plain') };
    const form = await sent(tokenInput({ credentials: ordinary }));
    const raw = await sent(tokenInput({ credentials: ordinary, request: { basicEncoding: 'raw' } }));
    expect(form.basic).toBe(raw.basic);
  });
});

describe('client_secret_post and none', () => {
  it('post sends id and secret in the body, and no header', async () => {
    const request = { clientAuthentication: 'client_secret_post' } as const;
    const { basic, form } = await sent(tokenInput({ request }));
    expect(basic).toBeUndefined();
    expect(Object.fromEntries(form)).toMatchObject({
      client_id: 'client-1',
      client_secret: canarySecret('client-secret'),
    });
  });

  it('none sends the id alone, though a secret is at hand', async () => {
    const { basic, form } = await sent(tokenInput({ request: { clientAuthentication: 'none' } }));
    expect(basic).toBeUndefined();
    expect([...form.keys()]).toEqual(['grant_type', 'client_id']);
  });

  it('post needs no secret where the secret is not to be sent', async () => {
    const sendOnly = { client_credentials: ['grant_type', 'client_id'] };
    const request = { clientAuthentication: 'client_secret_post', sendOnly } as const;
    const { form } = await sent(tokenInput({ request, credentials: { client_id: 'c' } }));
    expect([...form.keys()]).toEqual(['grant_type', 'client_id']);
  });

  it('the method of a grant type comes before the general one', async () => {
    const request = { clientAuthenticationByGrant: { client_credentials: 'none' } } as const;
    expect((await sent(tokenInput({ request }))).basic).toBeUndefined();
  });
});

it.each(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const)(
  '%s names the client_id that is missing or empty',
  async (clientAuthentication) => {
    for (const client of [{}, { client_id: '' }]) {
      const credentials = { client_secret: fakeSecret('s'), private_key: fakeSecret('key'), ...client };
      const request = { clientAuthentication };
      const error = await tokenErrorOf(() => build(tokenInput({ request, credentials })));
      expect(error).toMatchObject({ kind: 'configuration', code: 'missing_client_id' });
    }
  },
);

describe('private_key_jwt', () => {
  const request = { clientAuthentication: 'private_key_jwt' } as const;
  const pairs = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    EdDSA: generateKeyPairSync('ed25519'),
  };
  type Pair = (typeof pairs)[keyof typeof pairs];
  const pem = ({ privateKey }: Pair) =>
    new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const withKey = (private_key: Secret, more = {}) => ({ client_id: 'client-1', private_key, ...more });

  async function verified(input: TokenRequestInput, pair: Pair, alg: string) {
    const { form } = await sent(input);
    const jwt = form.get('client_assertion') ?? '';
    const options = { currentDate: new Date(NOW), algorithms: [alg] };
    return { form, ...(await jwtVerify(jwt, pair.publicKey, options)) };
  }

  it.each(Object.entries(pairs))('signs with the usual algorithm of the key: %s', async (alg, pair) => {
    const input = tokenInput({ request, credentials: withKey(pem(pair), { key_id: 'key-1' }) });
    const { payload, protectedHeader, form } = await verified(input, pair, alg);
    expect(protectedHeader).toEqual({ alg, kid: 'key-1' });
    expect(payload).toEqual({
      iss: 'client-1',
      sub: 'client-1',
      aud: 'https://idp.example.com/oauth2/token',
      jti: 'jti-1',
      iat: NOW / 1000,
      exp: NOW / 1000 + 60,
    });
    expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    expect(form.get('client_id')).toBe('client-1');
    expect(form.has('client_secret')).toBe(false);
  });

  it.each([
    ['PS256', pairs.RS256],
    ['RS384', pairs.RS256],
    ['PS512', pairs.RS256],
    ['Ed25519', pairs.EdDSA],
  ])('signs with the algorithm that the rules name: %s', async (alg, pair) => {
    const rules = { ...request, assertion: assertion({ algorithms: [alg] }) };
    const input = tokenInput({ request: rules, credentials: withKey(pem(pair)) });
    expect((await verified(input, pair, alg)).protectedHeader).toEqual({ alg });
  });

  it('names the audience of the rules', async () => {
    const rules = { ...request, assertion: assertion({ claims: { aud: 'https://idp.example.com' } }) };
    const input = tokenInput({ request: rules, credentials: withKey(pem(pairs.ES256)) });
    expect((await verified(input, pairs.ES256, 'ES256')).payload.aud).toBe('https://idp.example.com');
  });

  it('takes a JWK, with its key id and algorithm', async () => {
    const pair = pairs.RS256;
    const jwk = { ...(await exportJWK(pair.privateKey)), kid: 'jwk-1', alg: 'PS384' };
    const { form } = await sent(
      tokenInput({ request, credentials: withKey(new Secret(JSON.stringify(jwk))) }),
    );
    const jwt = form.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'PS384', kid: 'jwk-1' });
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'jwk-1' }] });
    await jwtVerify(jwt, keys, { currentDate: new Date(NOW) });
  });

  it('takes a JWK with white space around it, and with fields that are of no use', async () => {
    const jwk = { ...(await exportJWK(pairs.ES256.privateKey)), kid: 7, alg: 256 };
    const private_key = new Secret(`\n  ${JSON.stringify(jwk, undefined, 2)}\n`);
    const input = tokenInput({ request, credentials: withKey(private_key) });
    expect((await verified(input, pairs.ES256, 'ES256')).protectedHeader).toEqual({ alg: 'ES256' });
  });

  it('has a fresh jti in every request', async () => {
    let count = 0;
    const counting = { now: () => NOW, uuid: () => `jti-${++count}` };
    const input = tokenInput({ request, credentials: withKey(pem(pairs.ES256)) });
    const first = await buildTokenRequest(input, counting);
    const second = await buildTokenRequest(input, counting);
    expect(first.body?.reveal()).not.toBe(second.body?.reveal());
    expect(count).toBe(2);
  });

  it.each([
    ['no key at all', canarySecret('not-a-key'), {}, 'invalid_private_key'],
    ['JSON that is no key', `{"kty":"${canarySecret('kty')}"}`, {}, 'invalid_private_key'],
    ['JSON cut off', `{"d":"${canarySecret('cut')}`, {}, 'invalid_private_key'],
    [
      'a public key',
      pairs.ES256.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      {},
      'invalid_private_key',
    ],
    [
      'another curve',
      pem(pairs.ES384).reveal(),
      { assertion: assertion({ algorithms: ['ES256'] }) },
      'unsupported_algorithm',
    ],
    [
      'another type',
      pem(pairs.EdDSA).reveal(),
      { assertion: assertion({ algorithms: ['RS256'] }) },
      'unsupported_algorithm',
    ],
    [
      'a key for key exchange',
      generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      {},
      'unsupported_algorithm',
    ],
  ])('refuses %s, and quotes nothing of it', async (_, key, rules, code) => {
    const input = tokenInput({ request: { ...request, ...rules }, credentials: withKey(new Secret(key)) });
    const error = await tokenErrorOf(() => build(input));
    expect(error).toMatchObject({ kind: 'configuration', code });
    expect(error.cause).toBeUndefined();
    expect(error.message).not.toContain('CANARY');
  });

  it.each([
    ['x25519', generateKeyPairSync('x25519')],
    ['rsa-pss', generateKeyPairSync('rsa-pss', { modulusLength: 2048 })],
  ])('names the type of a key that is of no use, %s, and those that are', async (type, { privateKey }) => {
    const private_key = new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const error = await tokenErrorOf(() => build(tokenInput({ request, credentials: withKey(private_key) })));
    expect(error).toMatchObject({ kind: 'configuration', code: 'unsupported_algorithm' });
    expect(error.message).toMatch(new RegExp(`${type}.*use RSA`));
  });

  it('needs a key', async () => {
    const error = await tokenErrorOf(() => build(tokenInput({ request })));
    expect(error).toMatchObject({ kind: 'configuration', code: 'missing_private_key' });
  });
});
