import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type CryptoKey, type ModifyAssertionFunction, modifyAssertion, PrivateKeyJwt } from 'oauth4webapi';
import { Secret } from '../secret.ts';
import { TokenError } from '../token-error.ts';

/** An assertion is used at once: a minute covers the exchange and a little skew. */
const ASSERTION_LIFETIME_SECONDS = 60;

type ImportAlgorithm = Parameters<KeyObject['toCryptoKey']>[0];

export interface ClientAssertionInput {
  readonly clientId: string;
  /** PKCS #8 in PEM, or a JWK in JSON. */
  readonly privateKey: Secret;
  /** `kid` of the header. Default: the JWK's. */
  readonly keyId: string | undefined;
  /** JWS algorithm. Default: the JWK's `alg`, else the usual one of the key's type. */
  readonly algorithm: string | undefined;
  readonly audience: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Fresh for every request: servers refuse a replay (RFC 7523 section 3). */
  readonly jti: string;
}

/**
 * A client assertion for private_key_jwt, RFC 7523 section 3.
 * @throws TokenError `configuration`, code `invalid_private_key` or `unsupported_algorithm`
 */
export async function clientAssertion(input: ClientAssertionInput): Promise<Secret> {
  const { key, kid, alg: declared } = readPrivateKey(input.privateKey);
  const alg = input.algorithm ?? declared ?? usualAlgorithm(key);
  const keyId = input.keyId ?? kid;
  const issuedAt = Math.floor(input.now / 1000);
  const modify: ModifyAssertionFunction = (header, payload) => {
    header['alg'] = alg;
    payload['jti'] = input.jti;
    payload['aud'] = input.audience;
    payload['iat'] = issuedAt;
    payload['exp'] = issuedAt + ASSERTION_LIFETIME_SECONDS;
    // Optional, and what a server whose clock is behind would refuse.
    delete payload['nbf'];
  };
  const authenticate = PrivateKeyJwt(
    { key: importKey(key, alg), ...(keyId !== undefined && { kid: keyId }) },
    { [modifyAssertion]: modify },
  );
  const parameters = new URLSearchParams();
  await authenticate({ issuer: input.audience }, { client_id: input.clientId }, parameters, new Headers());
  return new Secret(parameters.get('client_assertion') ?? '');
}

interface PrivateKey {
  readonly key: KeyObject;
  readonly kid: string | undefined;
  readonly alg: string | undefined;
}

function readPrivateKey(secret: Secret): PrivateKey {
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
    throw new TokenError(
      'configuration',
      'invalid_private_key',
      'The "private_key" of the credentials is neither a private key in PEM (PKCS #8) nor a private JWK.',
    );
  }
}

const CURVE_ALGORITHMS: ReadonlyMap<string | undefined, string> = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
]);

function usualAlgorithm(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return 'RS256';
    case 'ed25519':
      return 'EdDSA';
    default:
      return CURVE_ALGORITHMS.get(key.asymmetricKeyDetails?.namedCurve) ?? unsupported(key);
  }
}

function unsupported(key: KeyObject): never {
  throw new TokenError(
    'configuration',
    'unsupported_algorithm',
    `No signature algorithm is known for a private key of type "${key.asymmetricKeyType}": use RSA, P-256, P-384, P-521 or Ed25519.`,
  );
}

function importKey(key: KeyObject, alg: string): CryptoKey {
  const algorithm = importAlgorithm(alg);
  try {
    return key.toCryptoKey(algorithm, false, ['sign']);
  } catch {
    throw new TokenError(
      'configuration',
      'invalid_private_key',
      `The "private_key" of the credentials, of type "${key.asymmetricKeyType}", cannot sign with ${alg}.`,
    );
  }
}

/** RFC 7518 section 3.1, RFC 8037 section 3.1 and RFC 9864, as WebCrypto names them. */
function importAlgorithm(alg: string): ImportAlgorithm {
  const [, family, size] = /^(RS|PS|ES)(256|384|512)$/.exec(alg) ?? [];
  if (family === 'RS') return { name: 'RSASSA-PKCS1-v1_5', hash: `SHA-${size}` };
  if (family === 'PS') return { name: 'RSA-PSS', hash: `SHA-${size}` };
  if (family === 'ES') return { name: 'ECDSA', namedCurve: size === '512' ? 'P-521' : `P-${size}` };
  if (alg === 'EdDSA' || alg === 'Ed25519') return { name: 'Ed25519' };
  throw new TokenError(
    'configuration',
    'unsupported_algorithm',
    `"${alg}" is no signature algorithm for client assertions: use RS, PS or ES with 256, 384 or 512, EdDSA or Ed25519.`,
  );
}
