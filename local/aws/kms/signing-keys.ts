import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { arn, type Identity } from '../caller-identity.ts';

const RSA = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 } as const;
const CURVES = { ECC_NIST_P256: 'P-256', ECC_NIST_P384: 'P-384', ECC_NIST_P521: 'P-521' } as const;

export type KeySpec = keyof typeof RSA | keyof typeof CURVES | 'ECC_NIST_EDWARDS25519';

/** An asymmetric key of usage SIGN_VERIFY. */
export interface SigningKey {
  readonly arn: string;
  readonly keyId: string;
  readonly keySpec: KeySpec;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** A key that is disabled signs nothing. */
  enabled: boolean;
}

/** What KMS holds. Real keys, which are gone when the endpoint is: nothing of them is ever stored. */
export class SigningKeys {
  readonly #identity: Identity;
  readonly #keys = new Map<string, SigningKey>();

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  /** Makes a key. `keyId`: default a new one. */
  create(keySpec: KeySpec, keyId: string = this.#identity.random.uuid()): SigningKey {
    const key = {
      arn: arn(this.#identity, 'kms', `key/${keyId}`),
      keyId,
      keySpec,
      ...keyPair(keySpec),
      enabled: true,
    };
    this.#keys.set(keyId, key);
    return key;
  }

  /** By id or ARN. */
  find(id: string): SigningKey | undefined {
    const own = arn(this.#identity, 'kms', 'key/');
    return this.#keys.get(id.startsWith(own) ? id.slice(own.length) : id);
  }
}

function keyPair(spec: KeySpec): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (spec === 'ECC_NIST_EDWARDS25519') return generateKeyPairSync('ed25519');
  return spec in RSA
    ? generateKeyPairSync('rsa', { modulusLength: RSA[spec as keyof typeof RSA] })
    : generateKeyPairSync('ec', { namedCurve: CURVES[spec as keyof typeof CURVES] });
}
