import type { IdentityRules, SignatureAlgorithm } from '../assertion-rules.ts';
import type { Secret } from '../secret.ts';

/** A private key that is held elsewhere, and never given away. */
export interface SigningKey {
  readonly kmsKeyArn: string;
}

/** Signs with one private key, wherever that is. */
export interface Signer {
  /** What the key can do, its usual one first. Absent where only its holder knows: the rules decide then. */
  readonly algorithms?: readonly SignatureAlgorithm[] | undefined;
  /** What the key says that it is meant for, as a JWK may. */
  readonly intended?: SignatureAlgorithm | undefined;
  /** How errors call the key; begins a sentence. Default "The signing key". */
  readonly name?: string;
  /** `kid` of a JWT where nothing else says it. */
  readonly keyId?: string | undefined;
  /** SubjectPublicKeyInfo in DER, for templates that name the key by its thumbprint. */
  publicKey?(): Promise<Uint8Array> | Uint8Array;
  /** The signature as a JWS has it (RFC 7518 section 3): of ECDSA r and s, one after the other. @throws TokenError */
  sign(algorithm: SignatureAlgorithm, data: Uint8Array): Promise<Uint8Array>;
}

/** What signs and vouches outside of this process. A request that needs one that is absent is not built. */
export interface SigningPorts {
  /** The signer of a key that is held elsewhere. @throws TokenError */
  signer?(signingKey: SigningKey, signal?: AbortSignal): Promise<Signer> | Signer;
  /** A token of the role's own, a JWT. @throws TokenError */
  identityToken?(rules: IdentityRules, signal?: AbortSignal): Promise<Secret>;
}

/** Codes of what AWS cannot do at this moment, of kind `never-sent`: nothing is wrong with the provider. */
export const SIGNING_UNAVAILABLE = 'signing_unavailable';
export const IDENTITY_UNAVAILABLE = 'identity_unavailable';

/** Codes of what AWS refuses until a person acts, of kind `configuration`: the message says what it takes. */
export const AWS_REFUSALS = [
  'signing_denied',
  'signing_key_missing',
  'signing_key_unusable',
  'signing_key_unfit',
  'signing_refused',
  'identity_denied',
  'identity_disabled',
  'identity_refused',
] as const;
export type AwsRefusal = (typeof AWS_REFUSALS)[number];
