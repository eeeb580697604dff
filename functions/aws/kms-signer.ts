import { createHash } from 'node:crypto';
import { derToJose } from 'ecdsa-sig-formatter';
import type { SignatureAlgorithm } from '../oauth/assertion-rules.ts';
import {
  SIGNING_UNAVAILABLE,
  type Signer,
  type SigningKey,
  type SigningPorts,
} from '../oauth/request/signer.ts';
import { TokenError } from '../oauth/token-error.ts';
import type { ClientsOnDemand } from './clients-on-demand.ts';
import { callSignal, type SigningErrors, signingError } from './signing-error.ts';

/** How KMS calls an algorithm, and what it is given to sign. */
type Spec =
  | `RSASSA_${'PKCS1_V1_5' | 'PSS'}_SHA_${Size}`
  | `ECDSA_SHA_${Size}`
  // Ed25519 hashes by itself, so that KMS takes the message whole.
  | 'ED25519_SHA_512';
type Size = '256' | '384' | '512';

/** The most that KMS takes of a message; what is longer is hashed here. */
const MOST_RAW_BYTES = 4096;

/**
 * Signs with keys that never leave KMS (`kms:Sign`). Which algorithms a key can do only its owner knows: the rules of
 * the connection say which is asked for, and KMS whether the key can do it.
 */
export function createKmsSigner({ kms }: Pick<ClientsOnDemand, 'kms'>): NonNullable<SigningPorts['signer']> {
  return ({ kmsKeyArn }, signal) => signerOf(kmsKeyArn, kms, signal);
}

function signerOf(
  kmsKeyArn: SigningKey['kmsKeyArn'],
  kms: ClientsOnDemand['kms'],
  signal: AbortSignal | undefined,
): Signer {
  const [, , , region = ''] = kmsKeyArn.split(':');
  return {
    name: nameOf(kmsKeyArn),
    async sign(algorithm, data) {
      const SigningAlgorithm = specOf(algorithm);
      const { Message, MessageType } = messageOf(algorithm, data);
      try {
        const client = await kms(region);
        const input = { KeyId: kmsKeyArn, Message, MessageType, SigningAlgorithm };
        const { Signature } = await client.sign(input, { abortSignal: callSignal(signal) });
        return joseSignature(algorithm, Signature ?? new Uint8Array());
      } catch (error) {
        throw signingError(error, `Sign ${kmsKeyArn}`, errorsOf(kmsKeyArn, 'Sign', algorithm));
      }
    },
    async publicKey() {
      try {
        const client = await kms(region);
        const options = { abortSignal: callSignal(signal) };
        const { PublicKey } = await client.getPublicKey({ KeyId: kmsKeyArn }, options);
        return PublicKey ?? new Uint8Array();
      } catch (error) {
        throw signingError(error, `GetPublicKey ${kmsKeyArn}`, errorsOf(kmsKeyArn, 'GetPublicKey'));
      }
    },
  };
}

function specOf(algorithm: SignatureAlgorithm): Spec {
  const size = algorithm.slice(2) as Size;
  switch (algorithm.slice(0, 2)) {
    case 'RS':
      return `RSASSA_PKCS1_V1_5_SHA_${size}`;
    case 'PS':
      return `RSASSA_PSS_SHA_${size}`;
    case 'ES':
      return `ECDSA_SHA_${size}`;
    default:
      return 'ED25519_SHA_512';
  }
}

function messageOf(algorithm: SignatureAlgorithm, data: Uint8Array) {
  if (data.byteLength <= MOST_RAW_BYTES) return { Message: data, MessageType: 'RAW' } as const;
  const size = /^(?:RS|PS|ES)(256|384|512)$/.exec(algorithm)?.[1];
  if (size === undefined) {
    throw new TokenError(
      'configuration',
      'signing_key_unfit',
      `The assertion has ${data.byteLength} bytes, and KMS signs at most ${MOST_RAW_BYTES} with ${algorithm}: leave claims out, or use a key of another kind.`,
    );
  }
  return { Message: createHash(`sha${size}`).update(data).digest(), MessageType: 'DIGEST' } as const;
}

/** KMS gives an ECDSA signature in DER (RFC 3279 section 2.2.3); a JWS has r and s alone (RFC 7518 section 3.4). */
function joseSignature(algorithm: SignatureAlgorithm, signature: Uint8Array): Uint8Array {
  if (!algorithm.startsWith('ES')) return signature;
  return Buffer.from(derToJose(Buffer.from(signature), algorithm), 'base64url');
}

function errorsOf(
  kmsKeyArn: string,
  action: 'Sign' | 'GetPublicKey',
  algorithm?: SignatureAlgorithm,
): SigningErrors {
  const key = nameOf(kmsKeyArn);
  const unusable = [
    'signing_key_unusable',
    `${key} is disabled, about to be deleted, or not available: enable it (aws kms enable-key), after aws kms cancel-key-deletion where it is pending.`,
  ] as const;
  return {
    unavailable: SIGNING_UNAVAILABLE,
    denied: [
      'signing_denied',
      `${key} may not be used: allow kms:${action} on it to the roles of the refresher, in IAM, as a deployment does that declares the connection, and in the policy of the key, which may leave it to IAM.`,
    ],
    byName: {
      NotFoundException: [
        'signing_key_missing',
        `${key} does not exist: make one (aws kms create-key --key-usage SIGN_VERIFY), and name its ARN as "signingKey".`,
      ],
      DisabledException: unusable,
      KMSInvalidStateException: unusable,
      InvalidKeyUsageException: [
        'signing_key_unfit',
        `${key} cannot sign with ${algorithm ?? 'any algorithm'}: name what it can in "rules.request.assertion.algorithms", or use a key of usage SIGN_VERIFY and another spec.`,
      ],
    },
    refused: 'signing_refused',
  };
}

const nameOf = (kmsKeyArn: string) => `The KMS key ${kmsKeyArn}`;
