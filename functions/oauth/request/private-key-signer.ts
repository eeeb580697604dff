import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../signature-algorithms.ts';
import { TokenError } from '../token-error.ts';
import type { Signer } from './signer.ts';

/** RFC 7518 section 3.3. */
const LEAST_RSA_BITS = 2048;

export interface PrivateKey {
  readonly key: KeyObject;
  /** `kid` and `alg` of a JWK. */
  readonly kid: string | undefined;
  readonly alg: string | undefined;
}

/** A private key in PEM or as a JWK. @throws TokenError `configuration`, code `invalid_private_key` */
export function readPrivateKey(secret: Secret): PrivateKey {
  const text = secret.reveal().trim();
  try {
    if (!text.startsWith('{')) return { key: createPrivateKey(text), kid: undefined, alg: undefined };
    const jwk: Record<string, unknown> = JSON.parse(text);
    return {
      key: createPrivateKey({ key: jwk, format: 'jwk' }),
      kid: typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined,
      alg: typeof jwk['alg'] === 'string' ? jwk['alg'] : undefined,
    };
  } catch {
    // The cause may quote the key.
    throw invalidKey(
      'The "private_key" of the credentials is neither a private key in PEM, without a passphrase, nor a private JWK.',
    );
  }
}

/**
 * Signs with a private key of the credentials, through WebCrypto.
 * @throws TokenError `configuration`, code `invalid_private_key` or `unsupported_algorithm`
 */
export function privateKeySigner(secret: Secret): Signer {
  const { key, kid, alg } = readPrivateKey(secret);
  const possible = algorithmsOf(key);
  return {
    name: `The "private_key" of the credentials, ${describe(key)},`,
    algorithms: possible,
    intended: alg === undefined ? undefined : declared(alg, possible, key),
    keyId: kid,
    publicKey: () => createPublicKey(key).export({ type: 'spki', format: 'der' }),
    async sign(algorithm, data) {
      const { imported, parameters } = asWebCrypto(algorithm);
      const cryptoKey = key.toCryptoKey(imported, false, ['sign']);
      return new Uint8Array(await webcrypto.subtle.sign(parameters, cryptoKey, data));
    },
  };
}

function declared(alg: string, possible: readonly SignatureAlgorithm[], key: KeyObject): SignatureAlgorithm {
  const found = possible.find((each) => each === alg);
  if (found !== undefined) return found;
  const problem = SIGNATURE_ALGORITHMS.some((each) => each === alg)
    ? `which ${describe(key)} cannot do`
    : `which is none: use one of ${SIGNATURE_ALGORITHMS.join(', ')}`;
  throw new TokenError(
    'configuration',
    'unsupported_algorithm',
    `The JWK of the credentials names the signature algorithm ${JSON.stringify(alg.slice(0, 20))}, ${problem}.`,
  );
}

const RSA: readonly SignatureAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

const OF_CURVE: ReadonlyMap<string | undefined, readonly SignatureAlgorithm[]> = new Map([
  ['prime256v1', ['ES256']],
  ['secp384r1', ['ES384']],
  ['secp521r1', ['ES512']],
]);

/** What a key can do, its usual algorithm first. @throws TokenError when that is nothing */
function algorithmsOf(key: KeyObject): readonly SignatureAlgorithm[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const bits = details?.modulusLength;
  if (type === 'rsa' && bits !== undefined && bits < LEAST_RSA_BITS) {
    throw invalidKey(
      `The "private_key" of the credentials has ${bits} bits, and RFC 7518 section 3.3 asks for ${LEAST_RSA_BITS}: make a longer one.`,
    );
  }
  if (type === 'rsa') return RSA;
  // Two names for one thing: RFC 8037, and RFC 9864, which few servers know yet.
  if (type === 'ed25519') return ['EdDSA', 'Ed25519'];
  const ofCurve = OF_CURVE.get(details?.namedCurve);
  if (ofCurve !== undefined) return ofCurve;
  throw new TokenError(
    'configuration',
    'unsupported_algorithm',
    `No signature algorithm is known for a private key of type "${type}": use RSA, P-256, P-384, P-521 or Ed25519.`,
  );
}

function describe({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  return `of type "${type}"${details?.namedCurve === undefined ? '' : ` on ${details.namedCurve}`}`;
}

/** RFC 7518 section 3.1, RFC 8037 section 3.1 and RFC 9864, as WebCrypto names them. */
function asWebCrypto(algorithm: SignatureAlgorithm) {
  const size = Number(algorithm.slice(-3));
  const hash = `SHA-${size}`;
  switch (algorithm) {
    case 'RS256':
    case 'RS384':
    case 'RS512':
      return { imported: { name: 'RSASSA-PKCS1-v1_5', hash }, parameters: { name: 'RSASSA-PKCS1-v1_5' } };
    case 'PS256':
    case 'PS384':
    case 'PS512':
      return { imported: { name: 'RSA-PSS', hash }, parameters: { name: 'RSA-PSS', saltLength: size / 8 } };
    case 'ES256':
    case 'ES384':
    case 'ES512': {
      const namedCurve = size === 512 ? 'P-521' : `P-${size}`;
      return { imported: { name: 'ECDSA', namedCurve }, parameters: { name: 'ECDSA', hash } };
    }
    case 'EdDSA':
    case 'Ed25519':
      return { imported: { name: 'Ed25519' }, parameters: { name: 'Ed25519' } };
  }
}

function invalidKey(message: string): TokenError {
  return new TokenError('configuration', 'invalid_private_key', message);
}
