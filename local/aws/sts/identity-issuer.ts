import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Identity } from '../caller-identity.ts';

/** What STS signs identity tokens with. */
export const IDENTITY_ALGORITHMS = ['RS256', 'ES384'] as const;
export type IdentityAlgorithm = (typeof IDENTITY_ALGORITHMS)[number];

/** What a token says. */
export interface IdentityClaims {
  /** ARN of the role. */
  readonly subject: string;
  readonly audience: readonly string[];
  readonly lifetimeSeconds: number;
}

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** The part of the endpoint's address under which its issuer is found. */
export const ISSUER_PATH = '/identity-issuer';

/** The issuer of the account's identity tokens, with keys of its own and a key set that anybody may read. */
export class IdentityIssuer {
  readonly #identity: Identity;
  readonly #url: () => string;
  #keys: Promise<Readonly<Record<IdentityAlgorithm, KeyPair>>> | undefined;

  /** @param endpointUrl known once the endpoint listens */
  constructor(identity: Identity, endpointUrl: () => string) {
    this.#identity = identity;
    this.#url = () => `${endpointUrl()}${ISSUER_PATH}`;
  }

  get url(): string {
    return this.#url();
  }

  /** A JWT, as AWS words it; the claims of its own stand under one name. */
  async sign(algorithm: IdentityAlgorithm, claims: IdentityClaims): Promise<string> {
    const { subject, audience, lifetimeSeconds } = claims;
    const { accountId, region, clock, random } = this.#identity;
    const issuedAt = Math.floor(clock.now() / 1000);
    const { privateKey } = (await this.#keyPairs())[algorithm];
    return new SignJWT({
      'https://sts.amazonaws.com/': { aws_account: accountId, source_region: region, principal_id: subject },
    })
      .setProtectedHeader({ alg: algorithm, kid: kidOf(algorithm), typ: 'JWT' })
      .setIssuer(this.url)
      .setSubject(subject)
      .setAudience(audience.length === 1 ? String(audience[0]) : [...audience])
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetimeSeconds)
      .setJti(random.uuid())
      .sign(privateKey);
  }

  /** What is at a path of the endpoint for everybody: the issuer's metadata and its key set. */
  async document(path: string): Promise<object | undefined> {
    if (path === `${ISSUER_PATH}/.well-known/openid-configuration`) {
      return {
        issuer: this.url,
        jwks_uri: `${this.url}/.well-known/jwks.json`,
        id_token_signing_alg_values_supported: IDENTITY_ALGORITHMS,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
      };
    }
    return path === `${ISSUER_PATH}/.well-known/jwks.json` ? { keys: await this.#keySet() } : undefined;
  }

  async #keySet(): Promise<JWK[]> {
    const keys = await this.#keyPairs();
    return Promise.all(
      IDENTITY_ALGORITHMS.map(async (alg) => ({
        ...(await exportJWK(keys[alg].publicKey)),
        alg,
        kid: kidOf(alg),
        use: 'sig',
      })),
    );
  }

  /** Made when they are first needed: an RSA key takes its time. */
  #keyPairs(): Promise<Readonly<Record<IdentityAlgorithm, KeyPair>>> {
    this.#keys ??= (async () => ({
      RS256: await generateKeyPair('RS256'),
      ES384: await generateKeyPair('ES384'),
    }))();
    return this.#keys;
  }
}

const kidOf = (algorithm: IdentityAlgorithm) => `local-${algorithm}`;
