import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Secret } from '../../functions/oauth/secret.ts';

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** PKCS #8 in PEM, as credentials have it. */
  readonly pem: Secret;
}

/** A key pair of each kind that signs assertions, made on the spot. */
export const KEYS = {
  rsa: testKey(generateKeyPairSync('rsa', { modulusLength: 2048 })),
  p256: testKey(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  p384: testKey(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  p521: testKey(generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  ed25519: testKey(generateKeyPairSync('ed25519')),
} as const;

/** Which key signs with which algorithm. */
export const KEY_OF = {
  RS256: KEYS.rsa,
  RS384: KEYS.rsa,
  RS512: KEYS.rsa,
  PS256: KEYS.rsa,
  PS384: KEYS.rsa,
  PS512: KEYS.rsa,
  ES256: KEYS.p256,
  ES384: KEYS.p384,
  ES512: KEYS.p521,
  EdDSA: KEYS.ed25519,
  Ed25519: KEYS.ed25519,
} as const;

function testKey({ privateKey, publicKey }: Pick<TestKey, 'privateKey' | 'publicKey'>): TestKey {
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { privateKey, publicKey, pem: new Secret(pem) };
}
