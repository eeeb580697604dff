import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi';
import { Secret } from '../../functions/oauth/secret.ts';

/** Proof Key for Code Exchange, RFC 7636. */
export interface Pkce {
  /** 43 characters of 256 random bits (section 4.1); goes into the token request. */
  readonly code_verifier: Secret;
  /** Goes into the authorization request (section 4.2). */
  readonly code_challenge: string;
  readonly code_challenge_method: 'S256';
}

/** A pair for one authorization. @param verifier Default: a new random one. */
export async function createPkce(verifier = new Secret(generateRandomCodeVerifier())): Promise<Pkce> {
  return {
    code_verifier: verifier,
    code_challenge: await calculatePKCECodeChallenge(verifier.reveal()),
    code_challenge_method: 'S256',
  };
}
