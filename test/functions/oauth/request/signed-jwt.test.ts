import { generateKeyPairSync, sign } from 'node:crypto';
import { decodeProtectedHeader, exportJWK, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from '../../../../functions/oauth/assertion-rules.ts';
import { privateKeySigner } from '../../../../functions/oauth/request/private-key-signer.ts';
import { signJwt } from '../../../../functions/oauth/request/signed-jwt.ts';
import type { Signer } from '../../../../functions/oauth/request/signer.ts';
import { Secret } from '../../../../functions/oauth/secret.ts';
import { KEY_OF, KEYS } from '../../../support/signing-keys.ts';
import { tokenErrorOf } from '../../../support/token-input.ts';

const claims = { iss: 'client-1', list: ['a', 'b'], number: 7, flag: false };
const signed = (signer: Signer, algorithms?: readonly SignatureAlgorithm[]) =>
  signJwt({ header: { typ: 'JWT' }, claims, signer, algorithms });
const algOf = async (signer: Signer, algorithms?: readonly SignatureAlgorithm[]) =>
  decodeProtectedHeader((await signed(signer, algorithms)).reveal()).alg;

describe('a JWT', () => {
  it.each(SIGNATURE_ALGORITHMS)('is signed with %s as others verify it', async (alg) => {
    const { pem, publicKey } = KEY_OF[alg];
    const jwt = await signed(privateKeySigner(pem), [alg]);
    const verified = await jwtVerify(jwt.reveal(), publicKey, { algorithms: [alg] });
    expect(verified).toMatchObject({ protectedHeader: { alg, typ: 'JWT' }, payload: claims });
  });

  it('has its header and claims in the order in which they are given, after the algorithm', async () => {
    const [header, payload] = (await signed(privateKeySigner(KEYS.p256.pem))).reveal().split('.');
    const text = (part = '') => Buffer.from(part, 'base64url').toString();
    expect(text(header)).toBe('{"alg":"ES256","typ":"JWT"}');
    expect(text(payload)).toBe(JSON.stringify(claims));
  });

  it('is signed by whoever holds the key, who sees what is signed and nothing else', async () => {
    const seen: unknown[] = [];
    const signer: Signer = {
      algorithms: ['ES256'],
      sign: async (algorithm, data) => {
        seen.push(algorithm);
        return sign('sha256', data, { key: KEYS.p256.privateKey, dsaEncoding: 'ieee-p1363' });
      },
    };
    await jwtVerify((await signed(signer)).reveal(), KEYS.p256.publicKey);
    expect(seen).toEqual(['ES256']);
  });
});

describe('the algorithm', () => {
  const jwk = async (alg: string) =>
    privateKeySigner(new Secret(JSON.stringify({ ...(await exportJWK(KEYS.rsa.privateKey)), alg })));

  it('is the first that is accepted and that the key can do', async () => {
    expect(await algOf(privateKeySigner(KEYS.rsa.pem), ['ES256', 'PS384', 'RS256'])).toBe('PS384');
  });

  it('is the usual one of the key where nothing is said', async () => {
    expect(await algOf(privateKeySigner(KEYS.rsa.pem))).toBe('RS256');
    expect(await algOf(privateKeySigner(KEYS.ed25519.pem))).toBe('EdDSA');
  });

  it('is what a JWK says of itself, where that is accepted', async () => {
    expect(await algOf(await jwk('PS512'))).toBe('PS512');
    expect(await algOf(await jwk('PS512'), ['RS256', 'PS512'])).toBe('PS512');
    expect(await algOf(await jwk('PS512'), ['RS384', 'RS256'])).toBe('RS384');
  });

  it('is what the rules say of a key of which only its holder knows', async () => {
    const signer: Signer = { sign: async () => new Uint8Array(1) };
    expect(await algOf(signer, ['ES384', 'RS256'])).toBe('ES384');
    expect(await algOf(signer)).toBe('RS256');
  });

  it.each([
    [{ name: 'The key arn:x' }, /^The key arn:x can sign with ES256, and the provider takes RS256, PS256:/],
    [{}, /^The signing key can sign with ES256, and/],
  ])('that nobody can agree on is refused, with both sides named (%#)', async (name, message) => {
    const signer: Signer = { ...name, algorithms: ['ES256'], sign: async () => new Uint8Array(1) };
    const error = await tokenErrorOf(() => signed(signer, ['RS256', 'PS256']));
    expect(error).toMatchObject({ kind: 'configuration', code: 'unsupported_algorithm' });
    expect(error.message).toMatch(message);
  });

  it('of a JWK must be one that its key can do', async () => {
    for (const [alg, words] of [
      ['ES256', /"ES256", which of type "rsa" cannot do/],
      ['RSA-OAEP', /"RSA-OAEP", which is none: use one of RS256/],
    ] as const) {
      const error = await tokenErrorOf(() => jwk(alg));
      expect(error).toMatchObject({ kind: 'configuration', code: 'unsupported_algorithm' });
      expect(error.message).toMatch(words);
    }
  });
});

describe('a private key', () => {
  it.each([
    ['pkcs1', KEYS.rsa, 'RS256'],
    ['sec1', KEYS.p256, 'ES256'],
  ] as const)('may be in the older form of PEM, %s', async (type, { privateKey, publicKey }, alg) => {
    const pem = new Secret(privateKey.export({ type, format: 'pem' }).toString());
    const jwt = await signed(privateKeySigner(pem));
    expect((await jwtVerify(jwt.reveal(), publicKey)).protectedHeader.alg).toBe(alg);
  });

  it('tells its public half', async () => {
    const spki = await privateKeySigner(KEYS.p384.pem).publicKey?.();
    expect(spki).toEqual(KEYS.p384.publicKey.export({ type: 'spki', format: 'der' }));
  });

  it('of RSA must be long enough', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pem = new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const error = await tokenErrorOf(() => privateKeySigner(pem));
    expect(error).toMatchObject({ kind: 'configuration', code: 'invalid_private_key' });
    expect(error.message).toMatch(/has 1024 bits.*asks for 2048/);
  });
});
